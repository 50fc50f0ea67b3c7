{%- set dataset = 'statistics_bureau__external_migration_by_country' -%}

with printed as (
    {{ landed_rows(dataset) }}
),

folded as (
    select
        *,
        {{ folded_label('country') }} as country_folded
    from printed
)

select
    '{{ dataset }}' as dataset,
    case folded.age
        when 'total' then 'permanent_migration'
        when 'under_18' then 'permanent_migration_children_under_18'
    end as indicator,
    folded.direction,
    case when country.code <> 'TOTAL' then 'country of previous or next residence' end as counterpart_kind,
    nullif(country.code, 'TOTAL') as counterpart_code,
    cast(null as string) as region_code,
    cast(null as string) as breakdown,
    cast(null as string) as breakdown_code,
    folded.period_start,
    folded.period_end,
    folded.measurement,
    folded.amount as value,
    folded.unit,
    folded.flag,
    folded.country as country_label,
    country.code as country_code,
    folded.age,
    folded.publication,
    country.code is not null as is_coded,
    folded.landing_number,
    folded.resource,
    folded.known_from,
    folded.known_basis,
    folded.source_file,
    folded.source_cell,
    folded.raw_text
from folded
{{ alias_join('country', 'country', dataset, 'folded.country_folded') }}
