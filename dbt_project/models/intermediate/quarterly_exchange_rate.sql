with weekday_mean as (
    select
        currency,
        {{ quarter_of('rate_date') }} as quarter,
        {{ divide('sum(rate)', 'count(rate)') }} as mean_rate,
        count(rate) as weekdays_known,
        count(*) as weekdays,
        max(known_from) as known_from
    from {{ ref('weekday_exchange_rate') }}
    group by currency, {{ quarter_of('rate_date') }}
),

month_state as (
    select
        currency,
        {{ quarter_of('month_start') }} as quarter,
        count(case when is_covered then 1 end) as months_covered,
        count(conversion_rate) as months_with_rate,
        {{ divide('sum(conversion_rate)', 'count(conversion_rate)') }} as mean_of_months,
        max(known_from) as known_from,
        nullif(
            concat_ws(
                '; ',
                max(case when extract(month from month_start) % 3 = 1 then reason end),
                max(case when extract(month from month_start) % 3 = 2 then reason end),
                max(case when extract(month from month_start) % 3 = 0 then reason end)
            ),
            ''
        ) as reason
    from {{ ref('fct_monthly_exchange_rates') }}
    group by currency, {{ quarter_of('month_start') }}
),

stated as (
    select
        breakdown_code as currency,
        {{ quarter_of('period_start') }} as quarter,
        value as stated_rate,
        known_from
    from {{ ref('observation') }}
    where
        indicator = 'exchange_rate_average'
        and known_to is null
        and period_end = last_day({{ add_months('period_start', '2') }})
),

with_basis as (
    select
        weekday_mean.quarter,
        weekday_mean.currency,
        weekday_mean.mean_rate,
        weekday_mean.weekdays_known,
        weekday_mean.weekdays,
        month_state.mean_of_months,
        month_state.reason,
        stated.stated_rate,
        coalesce(stated.known_from, month_state.known_from, weekday_mean.known_from) as known_from,
        case
            when stated.stated_rate is not null then 'average stated in form 33'
            when month_state.months_covered = 3 then 'mean of weekdays'
            when month_state.months_with_rate = 3 then 'mean of months, some stated in form 33'
            else 'none'
        end as basis
    from weekday_mean
    inner join month_state
        on
            weekday_mean.currency = month_state.currency
            and weekday_mean.quarter = month_state.quarter
    left join stated
        on
            weekday_mean.currency = stated.currency
            and weekday_mean.quarter = stated.quarter
)

select
    quarter,
    currency,
    case basis
        when 'average stated in form 33' then stated_rate
        when 'mean of weekdays' then mean_rate
        when 'mean of months, some stated in form 33' then mean_of_months
    end as value,
    cast(weekdays_known as varchar) || ' of ' || cast(weekdays as varchar) as coverage,
    case
        when basis = 'none' then reason
        when basis <> 'mean of weekdays' then basis
    end as flag,
    basis,
    known_from
from with_basis
where known_from is not null
