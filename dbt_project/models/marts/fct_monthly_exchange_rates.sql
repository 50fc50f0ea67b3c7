with latest as (
    select
        *,
        row_number() over (partition by currency, month_start order by as_of desc) as number_back
    from {{ ref('monthly_exchange_rate') }}
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
    conversion_rate,
    case
        when stated_rate is not null then 'average stated in form 33'
        when is_covered then 'mean of weekdays'
    end as conversion_basis,
    cast(weekdays_known as string) || ' of ' || cast(weekdays as string) as coverage,
    case when conversion_rate is null then uncovered_reason end as reason,
    known_from
from latest
where number_back = 1
