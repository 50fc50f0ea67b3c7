with month_of_file as (
    select
        file_key,
        month,
        sum(crossings) as crossings
    from {{ ref('stg_border_service__crossing_register') }}
    group by file_key, month
),

current_file as (
    select landing_number
    from {{ ref('crossing_register_version') }}
    where known_to is null
)

select
    landed_file.landing_number,
    landed_file.resource,
    landed_file.source_file,
    register_file.month as file_month,
    month_of_file.month,
    cast(month_of_file.crossings as bigint) as crossings,
    register_file.row_count as rows_of_file,
    register_file.reject_count as rejects_of_file,
    register_file.late_count as late_rows_of_file,
    current_file.landing_number is not null as is_current,
    landed_file.obtained_via,
    landed_file.known_from,
    landed_file.known_basis
from {{ source('raw', 'register_file') }} as register_file
inner join {{ ref('landed_file') }} as landed_file
    on register_file.fetch_id = landed_file.fetch_id
inner join month_of_file
    on register_file.file_key = month_of_file.file_key
left join current_file
    on landed_file.landing_number = current_file.landing_number
