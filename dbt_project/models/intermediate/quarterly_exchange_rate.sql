with monthly_rate as (
    select
        *,
        extract(month from month_start) % 3 as month_of_quarter
    from {{ ref('monthly_exchange_rate') }}
),

stated_quarter as (
    select
        breakdown_code as currency,
        {{ quarter_of('period_start') }} as quarter,
        value,
        known_from,
        known_to
    from {{ ref('observation') }}
    where
        indicator = 'exchange_rate_average'
        and period_end = last_day({{ add_months('period_start', '2') }})
),

months_together as (
    select
        currency,
        quarter,
        as_of,
        cast(sum(weekdays) as bigint) as weekdays,
        cast(sum(weekdays_known) as bigint) as weekdays_known,
        {{ divide('sum(rate_sum)', 'sum(weekdays_known)') }} as mean_of_weekdays,
        bool_and(is_covered) as is_covered,
        count(stated_rate) as months_stated,
        count(conversion_rate) as months_with_rate,
        {{ divide('sum(conversion_rate)', 'count(conversion_rate)') }} as mean_of_months,
        nullif(
            concat_ws(
                '; ',
                max(case when month_of_quarter = 1 and conversion_rate is null then uncovered_reason end),
                max(case when month_of_quarter = 2 and conversion_rate is null then uncovered_reason end),
                max(case when month_of_quarter = 0 and conversion_rate is null then uncovered_reason end)
            ),
            ''
        ) as reason,
        nullif(
            concat_ws(
                '; ',
                max(case when month_of_quarter = 1 then uncovered_reason end),
                max(case when month_of_quarter = 2 then uncovered_reason end),
                max(case when month_of_quarter = 0 then uncovered_reason end)
            ),
            ''
        ) as uncovered_reason,
        max(known_from) as known_from
    from monthly_rate
    group by currency, quarter, as_of
)

select
    months_together.quarter,
    months_together.currency,
    months_together.as_of,
    months_together.weekdays,
    months_together.weekdays_known,
    months_together.months_stated,
    months_together.months_with_rate,
    stated_quarter.value as stated_rate,
    case
        when months_together.months_with_rate = 3 and months_together.months_stated > 0
            then months_together.mean_of_months
    end as mean_of_months,
    case when months_together.is_covered then months_together.mean_of_weekdays end as mean_of_weekdays,
    months_together.reason,
    months_together.uncovered_reason,
    greatest(months_together.known_from, coalesce(stated_quarter.known_from, months_together.known_from)) as known_from
from months_together
left join stated_quarter
    on
        months_together.currency = stated_quarter.currency
        and months_together.quarter = stated_quarter.quarter
        and months_together.as_of >= stated_quarter.known_from
        and (stated_quarter.known_to is null or months_together.as_of < stated_quarter.known_to)
