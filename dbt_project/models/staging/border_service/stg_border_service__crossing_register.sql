{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- The rows of a file never change: only files that are not counted yet are read.
with new_file as (
    select distinct file_key
    from {{ source('raw', 'register_file') }}
    {% if is_incremental() %}
        where file_key not in (select distinct counted.file_key from {{ this }} as counted)
    {% endif %}
),

-- Types as they landed: cast once a count, not once a row.
landed as (
    select
        file_key,
        date_trunc('month', crossed_at) as month,
        checkpoint as checkpoint_label,
        direction as direction_label,
        citizenship as citizenship_label,
        purpose as purpose_label
    from {{ source('raw', 'border_service__crossing_register') }}
    {% if is_incremental() %}
        where file_key in (select new_file.file_key from new_file)
    {% endif %}
),

counted as (
    select
        file_key,
        month,
        checkpoint_label,
        direction_label,
        citizenship_label,
        purpose_label,
        count(*) as crossings
    from landed
    group by file_key, month, checkpoint_label, direction_label, citizenship_label, purpose_label
)

-- What a killed process left in the raw table is of a file that did not land.
select
    counted.file_key,
    cast(counted.month as date) as month,
    counted.checkpoint_label,
    cast(counted.direction_label as string) as direction_label,
    counted.citizenship_label,
    counted.purpose_label,
    counted.crossings
from counted
inner join new_file
    on counted.file_key = new_file.file_key
