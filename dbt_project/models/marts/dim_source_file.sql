with first_landing as (
    select
        *,
        row_number() over (partition by dataset, source_file order by landing_number, page) as landing_of_file
    from {{ ref('landed_file') }}
)

select
    first_landing.source_file,
    first_landing.dataset,
    first_landing.obtained_via,
    first_landing.resource,
    first_landing.page,
    first_landing.url,
    first_landing.mode,
    first_landing.http_status,
    first_landing.bytes,
    first_landing.path as archive_path,
    first_landing.published_on,
    first_landing.published_basis,
    first_landing.publisher,
    first_landing.fetched_on,
    first_landing.known_from,
    first_landing.known_basis
from first_landing
where first_landing.landing_of_file = 1
