select
    quarter,
    stated_on,
    is_end_of_quarter,
    rank,
    activity,
    cast(permit_holders as bigint) as permit_holders,
    round(share_of_stated, 1) as percent_of_total,
    round(printed_share, 1) as printed_percent_of_total,
    flag,
    round(percent_change_on_year, 1) as percent_change_on_year,
    year_before_reason,
    dataset
from {{ ref('quarterly_foreign_labour_by_activity') }}
order by quarter, stated_on, rank nulls last, activity
