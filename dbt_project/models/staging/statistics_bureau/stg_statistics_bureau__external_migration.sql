{%- set dataset = 'statistics_bureau__external_migration' -%}

with printed as (
    {{ landed_rows(dataset) }}
),

folded as (
    select
        *,
        {{ folded_label('region') }} as region_folded,
        {{ folded_label('locality') }} as locality_folded,
        {{ folded_label('term_of_76') }} = 'всего' and {{ folded_label('sex') }} = 'всего' as is_for_all
    from printed
),

coded as (
    select
        folded.*,
        case
            when {{ is_district('folded.region_folded') }} then 'DISTRICT'
            else region_alias.code
        end as territory_code,
        locality_alias.code as locality_code
    from folded
    {{ alias_join('region_alias', 'region', dataset, 'folded.region_folded') }}
    {{ alias_join('locality_alias', 'locality', dataset, 'folded.locality_folded') }}
)

select
    '{{ dataset }}' as dataset,
    'permanent_migration' as indicator,
    case index_id when '2929752' then 'arrival' when '2929753' then 'departure' end as direction,
    cast(null as string) as counterpart_kind,
    cast(null as string) as counterpart_code,
    nullif(territory_code, 'KZ') as region_code,
    case when locality_code <> 'total' then 'locality' end as breakdown,
    nullif(locality_code, 'total') as breakdown_code,
    {{ add_days(add_months('period_end', '-12'), 1) }} as period_start,
    period_end,
    'flow' as measurement,
    amount as value,
    'persons' as unit,
    flag,
    terms,
    region as territory_label,
    territory_code,
    locality as locality_label,
    locality_code,
    is_for_all and locality_code is not null and coalesce(territory_code, 'DISTRICT') <> 'DISTRICT' as is_coded,
    landing_number,
    resource,
    known_from,
    known_basis,
    source_file,
    source_cell,
    raw_text
from coded
