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
        sum(case when weekdays_known > 0 and conversion_basis = 'mean of weekdays' then 1 else 0 end) as months_covered,
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
        known_from,
        known_basis
    from {{ ref('observation') }}
    where
        indicator = 'exchange_rate_average'
        and known_to is null
        and period_end = last_day({{ add_months('period_start', '2') }})
)

select
    weekday_mean.quarter,
    weekday_mean.currency,
    coalesce(stated.stated_rate, case when month_state.months_covered = 3 then weekday_mean.mean_rate end) as value,
    cast(weekday_mean.weekdays_known as varchar) || ' of ' || cast(weekday_mean.weekdays as varchar) as coverage,
    case when stated.stated_rate is null then month_state.reason else 'average stated in form 33' end as flag,
    stated.stated_rate is not null as is_stated,
    coalesce(stated.known_from, weekday_mean.known_from) as known_from
from weekday_mean
inner join month_state
    on
        weekday_mean.currency = month_state.currency
        and weekday_mean.quarter = month_state.quarter
left join stated
    on
        weekday_mean.currency = stated.currency
        and weekday_mean.quarter = stated.quarter
where weekday_mean.weekdays_known > 0 or stated.stated_rate is not null
