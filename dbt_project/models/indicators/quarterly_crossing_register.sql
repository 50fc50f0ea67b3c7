{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_changed('quarter') }}",
    post_hook="{{ note_months() }}"
) }}

with missing_quarter as (
    select
        quarter,
        count(month) as months
    from {{ ref('crossing_register_month') }}
    {% if is_incremental() %}
        where quarter not in (select distinct built.quarter from {{ this }} as built)
    {% endif %}
    group by quarter
)

select
    register.quarter,
    register.checkpoint_code,
    register.direction,
    register.citizenship_code,
    register.purpose_code,
    cast(sum(register.crossings) as bigint) as crossings,
    cast(sum(register.late_crossings) as bigint) as late_crossings,
    cast(missing_quarter.months as string) || ' of 3' as coverage,
    max(register.known_from) as known_from
from {{ ref('fct_crossing_register') }} as register
inner join missing_quarter
    on register.quarter = missing_quarter.quarter
group by
    register.quarter,
    register.checkpoint_code,
    register.direction,
    register.citizenship_code,
    register.purpose_code,
    missing_quarter.months
