{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

{%- set dataset = 'border_service__crossing_register' -%}

-- The counts of a file are coded once; other code or seeds make all of them anew (orchestration/increments.py).
with count_of_file as (
    select *
    from {{ ref('stg_border_service__crossing_register') }}
    {% if is_incremental() %}
        where file_key not in (select distinct coded.file_key from {{ this }} as coded)
    {% endif %}
),

checkpoint as (
    {{ coded_labels('count_of_file', 'checkpoint_label', 'checkpoint', dataset) }}
),

direction as (
    {{ coded_labels('count_of_file', 'direction_label', 'direction', dataset) }}
),

named_citizenship as (
    {{ coded_labels('count_of_file', 'citizenship_label', 'country', dataset) }}
),

-- A citizenship is a name of the alias seed or a code of ISO 3166-1.
citizenship as (
    select
        named_citizenship.label,
        coalesce(min(country.country_code), min(named_citizenship.code)) as code
    from named_citizenship
    left join {{ ref('country') }} as country
        on upper(named_citizenship.label) in (country.iso3, country.country_code)
    group by named_citizenship.label
),

purpose as (
    {{ coded_labels('count_of_file', 'purpose_label', 'crossing_purpose', dataset) }}
)

select
    count_of_file.file_key,
    count_of_file.month,
    checkpoint.code as checkpoint_code,
    direction.code as direction,
    citizenship.code as citizenship_code,
    case when count_of_file.purpose_label is null then 'NOT_STATED' else purpose.code end as purpose_code,
    checkpoint.code is not null
    and direction.code is not null
    and citizenship.code is not null
    and (purpose.code is not null or count_of_file.purpose_label is null) as is_coded,
    case when checkpoint.code is null then count_of_file.checkpoint_label end as unknown_checkpoint,
    case when direction.code is null then count_of_file.direction_label end as unknown_direction,
    case when citizenship.code is null then count_of_file.citizenship_label end as unknown_citizenship,
    case when purpose.code is null then count_of_file.purpose_label end as unknown_purpose,
    count_of_file.crossings
from count_of_file
inner join checkpoint
    on count_of_file.checkpoint_label = checkpoint.label
inner join direction
    on count_of_file.direction_label = direction.label
inner join citizenship
    on count_of_file.citizenship_label = citizenship.label
left join purpose
    on count_of_file.purpose_label = purpose.label
