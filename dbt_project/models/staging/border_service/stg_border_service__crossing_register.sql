{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- The rows of a file never change: only files that are not counted yet are read.
with new_file as (
    select distinct source_file
    from {{ source('raw', 'register_file') }}
    {% if is_incremental() %}
        where source_file not in (select counted.source_file from {{ this }} as counted)
    {% endif %}
),

landed as (
    select
        register.source_file,
        cast(date_trunc('month', register.crossed_at) as date) as month,
        register.checkpoint as checkpoint_label,
        cast(register.direction as string) as direction_label,
        register.citizenship as citizenship_label,
        register.purpose as purpose_label
    from {{ source('raw', 'border_service__crossing_register') }} as register
    inner join new_file
        on register.source_file = new_file.source_file
)

select
    source_file,
    month,
    checkpoint_label,
    direction_label,
    citizenship_label,
    purpose_label,
    count(*) as crossings
from landed
group by source_file, month, checkpoint_label, direction_label, citizenship_label, purpose_label
