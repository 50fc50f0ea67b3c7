with counted as (
    select
        month_start,
        currency,
        count(*) as weekdays,
        count(rate) as weekdays_known,
        count(case when coverage = 'not published' then 1 end) as weekdays_not_published,
        count(case when coverage = 'not fetched' then 1 end) as weekdays_not_fetched,
        {{ divide('sum(rate)', 'count(rate)') }} as mean_rate,
        max(known_from) as known_from
    from {{ ref('weekday_exchange_rate') }}
    group by month_start, currency
),

stated as (
    select
        period_start as month_start,
        breakdown_code as currency,
        value as stated_rate,
        known_from
    from {{ ref('observation') }}
    where
        indicator = 'exchange_rate_average'
        and known_to is null
        and period_end = last_day(period_start)
),

covered as (
    select
        counted.month_start,
        counted.currency,
        counted.weekdays,
        counted.weekdays_known,
        counted.weekdays_not_published,
        counted.weekdays_not_fetched,
        counted.mean_rate,
        stated.stated_rate,
        coalesce(stated.known_from, counted.known_from) as known_from,
        counted.weekdays_known * 100 >= counted.weekdays * policy.minimum_weekdays_percent as is_covered
    from counted
    left join stated
        on
            counted.month_start = stated.month_start
            and counted.currency = stated.currency
    cross join {{ ref('conversion_policy') }} as policy
)

select
    month_start,
    currency,
    weekdays,
    weekdays_known,
    weekdays_not_published,
    weekdays_not_fetched,
    is_covered,
    mean_rate,
    stated_rate,
    case
        when stated_rate is not null then stated_rate
        when is_covered then mean_rate
    end as conversion_rate,
    case
        when stated_rate is not null then 'average stated in form 33'
        when is_covered then 'mean of weekdays'
    end as conversion_basis,
    cast(weekdays_known as varchar) || ' of ' || cast(weekdays as varchar) as coverage,
    case
        when stated_rate is null and not is_covered
            then
                'no rate for ' || substr(cast(month_start as varchar), 1, 7) || ': '
                || cast(weekdays_known as varchar) || ' of ' || cast(weekdays as varchar) || ' weekdays known, '
                || cast(weekdays_not_fetched as varchar) || ' not fetched'
                || case
                    when weekdays_not_published > 0
                        then ', ' || cast(weekdays_not_published as varchar) || ' not published'
                    else ''
                end
    end as reason,
    known_from
from covered
