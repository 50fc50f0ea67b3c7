{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_changed('month') }}",
    post_hook="{{ note_months() }}"
) }}

with missing_month as (
    select
        month,
        quarter
    from {{ ref('crossing_register_month') }}
    {% if is_incremental() %}
        where month not in (select distinct built.month from {{ this }} as built)
    {% endif %}
)

select
    counted.month,
    missing_month.quarter,
    counted.checkpoint_code,
    counted.direction,
    counted.citizenship_code,
    counted.purpose_code,
    cast(sum(counted.crossings) as bigint) as crossings,
    cast(sum(case when version.file_month > counted.month then counted.crossings else 0 end) as bigint)
        as late_crossings,
    max(version.known_from) as known_from
from {{ ref('crossing_register_count') }} as counted
inner join missing_month
    on counted.month = missing_month.month
inner join {{ ref('crossing_register_version') }} as version
    on counted.file_key = version.file_key
where version.known_to is null and counted.is_coded
group by
    counted.month,
    missing_month.quarter,
    counted.checkpoint_code,
    counted.direction,
    counted.citizenship_code,
    counted.purpose_code
