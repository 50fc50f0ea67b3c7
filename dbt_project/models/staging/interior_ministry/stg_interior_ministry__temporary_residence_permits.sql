{%- set dataset = 'interior_ministry__temporary_residence_permits' -%}

with printed as (
    {{ landed_rows(dataset) }}
),

folded as (
    select
        *,
        {{ folded_label('place') }} as place_folded
    from printed
)

select
    '{{ dataset }}' as dataset,
    case folded.unit
        when 'persons' then 'temporary_residence_permits'
        when 'percent' then 'temporary_residence_permits_share'
    end as indicator,
    cast(null as string) as direction,
    case when citizenship.code <> 'TOTAL' then 'citizenship' end as counterpart_kind,
    nullif(citizenship.code, 'TOTAL') as counterpart_code,
    region.code as region_code,
    cast(null as string) as breakdown,
    cast(null as string) as breakdown_code,
    folded.period_start,
    folded.period_end,
    folded.measurement,
    folded.amount as value,
    folded.unit,
    folded.flag,
    folded.place as place_label,
    coalesce(region.code, citizenship.code) as place_code,
    coalesce(region.code, citizenship.code) is not null as is_coded,
    folded.landing_number,
    folded.resource,
    folded.known_from,
    folded.known_basis,
    folded.source_file,
    folded.source_cell,
    folded.raw_text
from folded
{{ alias_join('region', 'region', dataset, 'folded.place_folded') }}
-- A label that names a region names no citizenship; the row of the total names either.
left join {{ ref('alias') }} as citizenship
    on
        citizenship.dictionary = 'country'
        and citizenship.label = case
            when folded.role = 'total' then 'всего'
            when region.code is null then folded.place_folded
        end
        and coalesce(citizenship.dataset, '{{ dataset }}') = '{{ dataset }}'
