with known_rate as (
    select
        breakdown_code as currency,
        period_start as rate_date,
        value,
        known_from
    from {{ ref('observation') }}
    where indicator = 'exchange_rate' and known_to is null
),

-- Months that carry something to convert or a rate to convert it with.
month_in_use as (
    select distinct period_start as month_start
    from {{ ref('observation') }}
    where unit = 'mln KZT' and measurement = 'flow'
    union
    select distinct cast(date_trunc('month', rate_date) as date) as month_start
    from known_rate
),

currency as (
    select 'USD' as currency
    union
    select distinct currency
    from known_rate
),

day_of_month as (
    select
        month_in_use.month_start,
        currency.currency,
        {{ add_days('month_in_use.month_start', '10 * tens.digit + ones.digit') }} as rate_date
    from month_in_use
    cross join currency
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
