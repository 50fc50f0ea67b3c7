with version as (
    select
        landed_file.landing_number,
        landed_file.resource,
        landed_file.source_file,
        register_file.file_key,
        register_file.month as file_month,
        landed_file.known_from,
        landed_file.known_basis,
        lead(landed_file.known_from) over (
            partition by register_file.month order by landed_file.known_from, landed_file.landing_number
        ) as known_to
    from {{ source('raw', 'register_file') }} as register_file
    inner join {{ ref('landed_file') }} as landed_file
        on register_file.fetch_id = landed_file.fetch_id
    where landed_file.dataset = 'border_service__crossing_register' and landed_file.is_last_of_day
)

select *
from version
where known_to is null or known_from < known_to
