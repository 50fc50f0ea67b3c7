{%- set dataset = 'statistics_bureau__internal_migration' -%}

with printed as (
    {{ landed_rows(dataset) }}
),

folded as (
    select
        *,
        {{ folded_label('region') }} as region_folded
    from printed
)

select
    '{{ dataset }}' as dataset,
    'internal_migration' as indicator,
    folded.direction,
    cast(null as string) as counterpart_kind,
    cast(null as string) as counterpart_code,
    region.code as region_code,
    cast(null as string) as breakdown,
    cast(null as string) as breakdown_code,
    folded.period_start,
    folded.period_end,
    folded.measurement,
    folded.amount as value,
    folded.unit,
    folded.flag,
    folded.region as region_label,
    region.code is not null as is_coded,
    folded.landing_number,
    folded.resource,
    folded.known_from,
    folded.known_basis,
    folded.source_file,
    folded.source_cell,
    folded.raw_text
from folded
{{ alias_join('region', 'region', dataset, 'folded.region_folded') }}
