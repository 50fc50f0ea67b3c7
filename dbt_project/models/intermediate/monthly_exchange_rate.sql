with rate_version as (
    select
        breakdown_code as currency,
        cast(date_trunc('month', period_start) as date) as month_start,
        {{ quarter_of('period_start') }} as quarter,
        case
            when indicator = 'exchange_rate' then 'day'
            when period_end = last_day(period_start) then 'month'
            else 'quarter'
        end as period,
        value,
        known_from,
        known_to
    from {{ ref('observation') }}
    where (indicator = 'exchange_rate' and {{ is_weekday('period_start') }}) or indicator = 'exchange_rate_average'
),

-- A value comes on its first day and goes on the day from which another one is known.
change as (
    select
        currency,
        month_start,
        quarter,
        period,
        known_from as as_of,
        value,
        1 as number
    from rate_version
    union all
    select
        currency,
        month_start,
        quarter,
        period,
        known_to as as_of,
        -value as value,
        -1 as number
    from rate_version
    where known_to is not null
    union all
    select
        currency,
        month_start,
        {{ quarter_of('month_start') }} as quarter,
        'asked' as period,
        asked_from as as_of,
        0 as value,
        1 as number
    from {{ ref('weekday_exchange_rate') }}
    where asked_from is not null
),

month_of_quarter as (
    select
        currency,
        month_start,
        {{ quarter_of('month_start') }} as quarter,
        count(*) as weekdays
    from {{ ref('weekday_exchange_rate') }}
    group by currency, month_start
),

-- Each day on which something became known of a quarter, be it a rate or an amount to convert.
as_of_day as (
    select
        currency,
        quarter,
        as_of
    from change
    union
    select
        'USD' as currency,
        quarter,
        known_from as as_of
    from {{ ref('quarterly_input') }}
    where unit = 'mln KZT'
    union
    select
        'USD' as currency,
        quarter,
        known_to as as_of
    from {{ ref('quarterly_input') }}
    where unit = 'mln KZT' and known_to is not null
),

change_on_day as (
    select
        month_of_quarter.currency,
        month_of_quarter.quarter,
        month_of_quarter.month_start,
        month_of_quarter.weekdays,
        as_of_day.as_of,
        coalesce(sum(case when change.period = 'day' then change.value end), 0) as rate_sum,
        coalesce(sum(case when change.period = 'day' then change.number end), 0) as weekdays_known,
        coalesce(sum(case when change.period = 'asked' then change.number end), 0) as weekdays_asked,
        coalesce(sum(case when change.period = 'month' then change.value end), 0) as stated_rate,
        coalesce(sum(case when change.period = 'month' then change.number end), 0) as months_stated,
        max(change.as_of) as changed_on
    from month_of_quarter
    inner join as_of_day
        on
            month_of_quarter.currency = as_of_day.currency
            and month_of_quarter.quarter = as_of_day.quarter
    left join change
        on
            month_of_quarter.currency = change.currency
            and month_of_quarter.month_start = change.month_start
            and as_of_day.as_of = change.as_of
    group by
        month_of_quarter.currency, month_of_quarter.quarter, month_of_quarter.month_start, month_of_quarter.weekdays,
        as_of_day.as_of
),

as_of_state as (
    select
        currency,
        quarter,
        month_start,
        as_of,
        weekdays,
        cast(sum(weekdays_known) over so_far as bigint) as weekdays_known,
        cast(sum(weekdays_asked) over so_far as bigint) as weekdays_asked,
        cast(sum(rate_sum) over so_far as decimal(24, 9)) as rate_sum,
        case
            when sum(months_stated) over so_far > 0 then cast(sum(stated_rate) over so_far as decimal(24, 9))
        end as stated_rate,
        max(changed_on) over so_far as known_from
    from change_on_day
    window so_far as (partition by currency, month_start order by as_of rows unbounded preceding)
),

covered as (
    select
        as_of_state.*,
        {{ divide('as_of_state.rate_sum', 'as_of_state.weekdays_known') }} as mean_rate,
        as_of_state.weekdays_known * 100 >= as_of_state.weekdays * policy.minimum_weekdays_percent as is_covered
    from as_of_state
    cross join {{ ref('conversion_policy') }} as policy
)

select
    currency,
    quarter,
    month_start,
    as_of,
    weekdays,
    weekdays_known,
    weekdays_asked - weekdays_known as weekdays_not_published,
    weekdays - weekdays_asked as weekdays_not_fetched,
    is_covered,
    rate_sum,
    mean_rate,
    stated_rate,
    coalesce(stated_rate, case when is_covered then mean_rate end) as conversion_rate,
    case
        when not is_covered
            then
                'no rate for ' || substr(cast(month_start as string), 1, 7) || ': '
                || cast(weekdays_known as string) || ' of ' || cast(weekdays as string) || ' weekdays known, '
                || cast(weekdays - weekdays_asked as string) || ' not fetched'
                || case
                    when weekdays_asked > weekdays_known
                        then ', ' || cast(weekdays_asked - weekdays_known as string) || ' not published'
                    else ''
                end
    end as uncovered_reason,
    known_from
from covered
