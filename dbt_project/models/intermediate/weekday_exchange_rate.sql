with known_rate as (
    select
        breakdown_code as currency,
        period_start as rate_date,
        value,
        known_from
    from {{ ref('observation') }}
    where indicator = 'exchange_rate' and known_to is null
),

-- Months with something to convert, a rate or a stated average, each with the other months of its quarter.
month_in_use as (
    select distinct
        'USD' as currency,
        period_start as month_start
    from {{ ref('observation') }}
    where unit = 'mln KZT' and measurement = 'flow'
    union
    select distinct
        breakdown_code as currency,
        cast(date_trunc('month', period_start) as date) as month_start
    from {{ ref('observation') }}
    where indicator in ('exchange_rate', 'exchange_rate_average') and known_to is null
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
)

select
    weekday.month_start,
    weekday.currency,
    weekday.rate_date,
    known_rate.value as rate,
    known_rate.known_from,
    case
        when known_rate.value is not null then 'known'
        when exists (
            select 1
            from {{ ref('exchange_rate_window') }} as exchange_rate_window
            where
                weekday.rate_date between exchange_rate_window.first_day and exchange_rate_window.last_day
                and coalesce(exchange_rate_window.currency = weekday.currency, true)
        ) then 'not published'
        else 'not fetched'
    end as coverage
from weekday
left join known_rate
    on
        weekday.rate_date = known_rate.rate_date
        and weekday.currency = known_rate.currency
