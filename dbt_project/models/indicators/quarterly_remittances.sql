with month_amount as (
    select
        amount.quarter,
        amount.direction,
        extract(month from amount.period_start) % 3 as month_of_quarter,
        amount.value as mln_kzt,
        {{ divide('amount.value', 'rate.conversion_rate') }} as mln_usd
    from {{ ref('fct_money_transfers') }} as amount
    inner join {{ ref('fct_monthly_exchange_rates') }} as rate
        on
            amount.period_start = rate.month_start
            and rate.currency = 'USD'
    where
        amount.dataset = 'national_bank__money_transfers'
        and amount.measurement = 'flow'
        and amount.period_end = last_day(amount.period_start)
        and amount.transfer_system = 'total'
),

months_beside as (
    select
        quarter,
        direction,
        max(case when month_of_quarter = 1 then mln_kzt end) as first_month_mln_kzt,
        max(case when month_of_quarter = 2 then mln_kzt end) as second_month_mln_kzt,
        max(case when month_of_quarter = 0 then mln_kzt end) as third_month_mln_kzt,
        max(case when month_of_quarter = 1 then mln_usd end) as first_month_mln_usd,
        max(case when month_of_quarter = 2 then mln_usd end) as second_month_mln_usd,
        max(case when month_of_quarter = 0 then mln_usd end) as third_month_mln_usd
    from month_amount
    group by quarter, direction
),

quarter_amount as (
    select *
    from {{ ref('quarterly_indicator') }}
    where
        indicator = 'money_transfers'
        and measure in ('value', 'converted')
        and geography_kind = 'total'
        and breakdown is null
        and dataset = 'national_bank__money_transfers'
)

select
    tenge.quarter,
    tenge.direction,
    months_beside.first_month_mln_kzt,
    months_beside.second_month_mln_kzt,
    months_beside.third_month_mln_kzt,
    tenge.value as amount_mln_kzt,
    tenge.coverage,
    tenge.flag,
    months_beside.first_month_mln_usd,
    months_beside.second_month_mln_usd,
    months_beside.third_month_mln_usd,
    dollars.value as amount_mln_usd,
    dollars.coverage as usd_coverage,
    dollars.flag as usd_flag,
    report_exchange_rate.rate as report_rate_kzt_per_usd,
    {{ divide('tenge.value', 'report_exchange_rate.rate') }} as amount_mln_usd_at_report_rate,
    report_exchange_rate.report as report_of_that_rate,
    tenge.percent_change_on_previous_quarter,
    tenge.previous_quarter_reason,
    tenge.percent_change_on_year,
    tenge.year_before_reason,
    tenge.year_to_date as since_january_mln_kzt,
    tenge.year_to_date_reason as since_january_reason,
    tenge.dataset,
    case
        when dollars.value is not null and dollars.known_from > tenge.known_from then dollars.known_from
        else tenge.known_from
    end as known_from,
    tenge.known_basis
from quarter_amount as tenge
inner join months_beside
    on
        tenge.quarter = months_beside.quarter
        and tenge.direction = months_beside.direction
left join quarter_amount as dollars
    on
        tenge.quarter = dollars.quarter
        and tenge.direction = dollars.direction
        and dollars.measure = 'converted'
left join {{ ref('report_exchange_rate') }} as report_exchange_rate
    on
        tenge.quarter = report_exchange_rate.quarter
        and report_exchange_rate.currency = 'USD'
where tenge.unit = 'mln KZT'
