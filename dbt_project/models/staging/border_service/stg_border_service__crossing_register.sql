{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- The rows of a file never change: only files that are not counted yet are read.
with landed as (
    select
        source_file,
        cast(date_trunc('month', crossed_at) as date) as month,
        checkpoint as checkpoint_label,
        cast(direction as string) as direction_label,
        citizenship as citizenship_label,
        purpose as purpose_label
    from {{ source('raw', 'border_service__crossing_register') }}
    {% if is_incremental() %}
        where source_file not in (select counted.source_file from {{ this }} as counted)
    {% endif %}
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
