{%- set dataset = 'border_service__crossing_register' -%}
{%- set counted = 'stg_border_service__crossing_register' -%}

with file as (
    select
        landed_file.landing_number,
        landed_file.source_file,
        register_file.month as file_month,
        landed_file.known_from,
        lead(landed_file.known_from) over (
            partition by register_file.month order by landed_file.known_from, landed_file.landing_number
        ) as known_to
    from {{ source('raw', 'register_file') }} as register_file
    inner join {{ ref('landed_file') }} as landed_file
        on register_file.fetch_id = landed_file.fetch_id
    where landed_file.dataset = '{{ dataset }}' and landed_file.is_last_of_day
),

checkpoint as (
    {{ coded_labels(counted, 'checkpoint_label', 'checkpoint', dataset) }}
),

direction as (
    {{ coded_labels(counted, 'direction_label', 'direction', dataset) }}
),

named_citizenship as (
    {{ coded_labels(counted, 'citizenship_label', 'country', dataset) }}
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
    {{ coded_labels(counted, 'purpose_label', 'crossing_purpose', dataset) }}
)

-- What a file says of itself stands in landed_file: repeated in millions of rows it costs more than the counts.
select
    file.landing_number,
    file.file_month,
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
    count_of_file.crossings,
    file.known_from,
    file.known_to
from {{ ref(counted) }} as count_of_file
inner join file
    on count_of_file.source_file = file.source_file
inner join checkpoint
    on count_of_file.checkpoint_label = checkpoint.label
inner join direction
    on count_of_file.direction_label = direction.label
inner join citizenship
    on count_of_file.citizenship_label = citizenship.label
left join purpose
    on count_of_file.purpose_label = purpose.label
where file.known_to is null or file.known_from < file.known_to
