{%- set dataset = 'statistics_bureau__migration_balance' -%}

with printed as (
    {{ landed_rows(dataset) }}
),

folded as (
    select
        *,
        {{ folded_label('kato') }} as kato_folded,
        {{ folded_label('sptm') }} as sptm_folded,
        {{ folded_label('kn') }} = 'всего' and {{ folded_label('sp') }} = 'всего' as is_for_all
    from printed
),

coded as (
    select
        folded.*,
        case
            when {{ is_district('folded.kato_folded') }} then 'DISTRICT'
            else region_alias.code
        end as territory_code,
        locality_alias.code as locality_code
    from folded
    {{ alias_join('region_alias', 'region', dataset, 'folded.kato_folded') }}
    {{ alias_join('locality_alias', 'locality', dataset, 'folded.sptm_folded') }}
)

select
    '{{ dataset }}' as dataset,
    case
        when territory_code = 'KZ' and locality_code = 'total' then 'permanent_migration'
        else 'migration_balance_all_flows'
    end as indicator,
    'net' as direction,
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
    kato as territory_label,
    territory_code,
    sptm as locality_label,
    locality_code,
    kn as kn_label,
    sp as sp_label,
    repetition,
    is_for_all and locality_code is not null and coalesce(territory_code, 'DISTRICT') <> 'DISTRICT' as is_coded,
    landing_number,
    resource,
    known_from,
    known_basis,
    source_file,
    source_cell,
    raw_text
from coded
