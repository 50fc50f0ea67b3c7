select
    rate.quarter,
    rate.breakdown_code as currency,
    rate.value as kzt_per_unit,
    rate.coverage,
    rate.flag,
    rate.change_on_previous_quarter,
    rate.percent_change_on_previous_quarter,
    rate.previous_quarter_reason,
    rate.change_on_year,
    rate.percent_change_on_year,
    rate.year_before_reason,
    report_exchange_rate.rate as report_rate,
    report_exchange_rate.report as report_of_that_rate,
    rate.dataset,
    rate.is_headline,
    rate.obtained_via,
    rate.known_from,
    rate.known_basis
from {{ ref('quarterly_indicator') }} as rate
left join {{ ref('report_exchange_rate') }} as report_exchange_rate
    on
        rate.quarter = report_exchange_rate.quarter
        and rate.breakdown_code = report_exchange_rate.currency
where rate.indicator = 'exchange_rate_average' and rate.measure = 'value'
