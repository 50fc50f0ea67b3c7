with landed as (
    select
        landing.landing_number,
        landing.fetch_id,
        landing.dataset,
        landing.resource,
        fetch_log.page,
        fetch_log.sha256 as source_file,
        fetch_log.path,
        fetch_log.url,
        fetch_log.mode,
        fetch_log.http_status,
        fetch_log.bytes,
        case
            when register_file.is_synthetic then 'synthetic'
            else coalesce(fetch_log.obtained_via, dataset.obtained_via)
        end as obtained_via,
        fetch_log.published_on,
        fetch_log.published_basis,
        fetch_log.publisher,
        cast(substr(fetch_log.fetched_at, 1, 10) as date) as fetched_on
    from {{ source('raw', 'landing') }} as landing
    inner join {{ source('raw', 'fetch_log') }} as fetch_log
        on landing.fetch_id = fetch_log.fetch_id
    inner join {{ source('raw', 'dataset') }} as dataset
        on landing.dataset = dataset.dataset
    left join {{ source('raw', 'register_file') }} as register_file
        on landing.fetch_id = register_file.fetch_id
    where landing.outcome = 'landed'
),

dated as (
    select
        *,
        coalesce(published_on, fetched_on) as known_from,
        case
            when published_basis in ('in the title', 'file date') then 'publication day, ' || published_basis
            when published_on is not null then 'publication day'
            when mode = 'recorded' then 'day of reading the recorded answer'
            else 'fetch day'
        end as known_basis
    from landed
),

last_of_day as (
    select
        *,
        max(landing_number) over (partition by dataset, resource, fetched_on) as last_number
    from dated
)

select
    landing_number,
    fetch_id,
    dataset,
    resource,
    page,
    source_file,
    path,
    url,
    mode,
    http_status,
    bytes,
    obtained_via,
    published_on,
    published_basis,
    publisher,
    fetched_on,
    known_from,
    known_basis,
    landing_number = last_number as is_last_of_day
from last_of_day
