select
    quarter,
    direction,
    cast(value as bigint) as persons,
    flag,
    cast(change_on_previous_quarter as bigint) as change_on_previous_quarter,
    round(percent_change_on_previous_quarter, 1) as percent_change_on_previous_quarter,
    previous_quarter_reason,
    cast(change_on_year as bigint) as change_on_year,
    round(percent_change_on_year, 1) as percent_change_on_year,
    year_before_reason,
    cast(year_to_date as bigint) as persons_since_january,
    dataset
from {{ ref('quarterly_indicator') }}
where
    indicator = 'border_crossings'
    and measure = 'value'
    and geography_kind = 'total'
    and breakdown is null
    and is_headline
order by quarter, direction
