with asked as (
    select
        landing.resource,
        fetch_log.url,
        regexp_extract(fetch_log.url, 'fdate=([0-9.]+)', 1) as day,
        regexp_extract(fetch_log.url, 'beginDate=([0-9.]+)', 1) as first_day,
        regexp_extract(fetch_log.url, 'endDate=([0-9.]+)', 1) as last_day
    from {{ source('raw', 'landing') }} as landing
    inner join {{ source('raw', 'fetch_log') }} as fetch_log
        on landing.fetch_id = fetch_log.fetch_id
    where
        landing.dataset = 'national_bank__exchange_rates'
        and landing.outcome <> 'refused'
)

select distinct
    case when day = '' then substr(resource, 1, 3) end as currency,
    {{ day_of("coalesce(nullif(day, ''), first_day)") }} as first_day,
    {{ day_of("coalesce(nullif(day, ''), last_day)") }} as last_day
from asked
