with asked as (
    select
        landing.resource,
        cast(substr(fetch_log.fetched_at, 1, 10) as date) as fetched_on,
        regexp_extract(fetch_log.url, 'fdate=([0-9.]+)', 1) as day,
        regexp_extract(fetch_log.url, 'beginDate=([0-9.]+)', 1) as first_day,
        regexp_extract(fetch_log.url, 'endDate=([0-9.]+)', 1) as last_day
    from {{ source('raw', 'landing') }} as landing
    inner join {{ source('raw', 'fetch_log') }} as fetch_log
        on landing.fetch_id = fetch_log.fetch_id
    where
        landing.dataset = 'national_bank__exchange_rates'
        and landing.outcome <> 'refused'
),

spanned as (
    select
        case when day = '' then substr(resource, 1, 3) end as currency,
        {{ day_of("coalesce(nullif(day, ''), first_day)") }} as first_day,
        {{ day_of("coalesce(nullif(day, ''), last_day)") }} as last_day,
        fetched_on
    from asked
)

select
    currency,
    first_day,
    last_day,
    min(fetched_on) as known_from
from spanned
group by currency, first_day, last_day
