{%- set dataset = 'un_desa__net_migration' -%}

with printed as (
    {{ landed_rows(dataset) }}
),

folded as (
    select
        *,
        {{ folded_label('country') }} as country_folded
    from printed
),

coded as (
    select
        folded.*,
        coalesce(country.country_code, alias.code) as country_code
    from folded
    left join {{ ref('country') }} as country
        on folded.country = country.iso3
    {{ alias_join('alias', 'country', dataset, 'folded.country_folded') }}
)

-- The row of Kazakhstan is Kazakhstan's own; every other row is the migration of another country.
select
    '{{ dataset }}' as dataset,
    'net_migration_un' as indicator,
    'net' as direction,
    case when country_code <> 'KZ' then 'country' end as counterpart_kind,
    nullif(country_code, 'KZ') as counterpart_code,
    cast(null as string) as region_code,
    cast(null as string) as breakdown,
    cast(null as string) as breakdown_code,
    cast(cast(cast(year as integer) as string) || '-01-01' as date) as period_start,
    cast(cast(cast(year as integer) as string) || '-12-31' as date) as period_end,
    'flow' as measurement,
    net_migrants as value,
    'persons' as unit,
    cast(null as string) as flag,
    country as country_label,
    country_code,
    country_code is not null as is_coded,
    landing_number,
    resource,
    known_from,
    known_basis,
    source_file,
    source_cell,
    raw_text
from coded
