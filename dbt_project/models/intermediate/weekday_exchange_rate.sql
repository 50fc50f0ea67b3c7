with known_rate as (
    select
        breakdown_code as currency,
        period_start as rate_date,
        max(case when known_to is null then value end) as value,
        min(known_from) as first_known_from
    from {{ ref('observation') }}
    where indicator = 'exchange_rate'
    group by breakdown_code, period_start
),

-- Months with something to convert, a rate or a stated average, each with the other months of its quarter.
month_in_use as (
    select distinct
        'USD' as currency,
        cast(date_trunc('month', period_start) as date) as month_start
    from {{ ref('quarterly_input') }}
    where unit = 'mln KZT'
    union
    select distinct
        breakdown_code as currency,
        cast(date_trunc('month', period_start) as date) as month_start
    from {{ ref('observation') }}
    where indicator in ('exchange_rate', 'exchange_rate_average')
),

month_of_quarter as (
    select distinct
        month_in_use.currency,
        {{ add_months("cast(date_trunc('quarter', month_in_use.month_start) as date)", 'months.number') }}
            as month_start
    from month_in_use
    cross join (values (0), (1), (2)) as months (number)
),

day_of_month as (
    select
        month_of_quarter.month_start,
        month_of_quarter.currency,
        {{ add_days('month_of_quarter.month_start', '10 * tens.digit + ones.digit') }} as rate_date
    from month_of_quarter
    cross join (values (0), (1), (2), (3)) as tens (digit)
    cross join (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as ones (digit)
),

weekday as (
    select *
    from day_of_month
    where rate_date <= last_day(month_start) and {{ is_weekday('rate_date') }}
),

asked as (
    select
        weekday.currency,
        weekday.rate_date,
        min(exchange_rate_window.known_from) as first_asked_on
    from weekday
    inner join {{ ref('exchange_rate_window') }} as exchange_rate_window
        on
            weekday.rate_date between exchange_rate_window.first_day and exchange_rate_window.last_day
            and weekday.currency = coalesce(exchange_rate_window.currency, weekday.currency)
    group by weekday.currency, weekday.rate_date
)

select
    weekday.month_start,
    weekday.currency,
    weekday.rate_date,
    known_rate.value as rate,
    case
        when known_rate.value is not null then 'known'
        when asked.first_asked_on is not null then 'not published'
        else 'not fetched'
    end as coverage,
    least(
        coalesce(asked.first_asked_on, known_rate.first_known_from),
        coalesce(known_rate.first_known_from, asked.first_asked_on)
    ) as asked_from
from weekday
left join known_rate
    on
        weekday.rate_date = known_rate.rate_date
        and weekday.currency = known_rate.currency
left join asked
    on
        weekday.rate_date = asked.rate_date
        and weekday.currency = asked.currency
