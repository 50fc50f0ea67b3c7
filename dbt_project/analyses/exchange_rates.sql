select
    quarter,
    currency,
    round(kzt_per_unit, 2) as kzt_per_unit,
    coverage,
    flag,
    round(percent_change_on_previous_quarter, 1) as percent_change_on_previous_quarter,
    previous_quarter_reason,
    round(percent_change_on_year, 1) as percent_change_on_year,
    year_before_reason,
    report_rate,
    report_of_that_rate,
    dataset
from {{ ref('quarterly_exchange_rates') }}
where is_headline
order by quarter, currency
