select
    quarter,
    cast(permit_holders as bigint) as permit_holders,
    round(permit_holders_percent_change_on_previous_quarter, 1) as percent_change_on_previous_quarter,
    permit_holders_previous_quarter_reason as previous_quarter_reason,
    round(permit_holders_percent_change_on_year, 1) as percent_change_on_year,
    permit_holders_year_before_reason as year_before_reason,
    cast(employers as bigint) as employers,
    cast(quota as bigint) as quota,
    foreign_labour_flag as flag,
    cast(permit_holders_within_quarter as bigint) as permit_holders_within_quarter,
    permit_holders_within_quarter_stated_on as within_quarter_stated_on
from {{ ref('quarterly_headline') }}
where permit_holders is not null or permit_holders_within_quarter is not null
order by quarter
