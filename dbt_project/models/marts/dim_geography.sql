select
    'country' as geography_kind,
    country_code as geography_code,
    name_en,
    name_ru,
    name_kk,
    iso3 as iso_code,
    cast(null as varchar) as definition,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    cast(null as varchar) as predecessors,
    cast(null as date) as boundary_changed_on
from {{ ref('country') }}
union all
select
    'group' as geography_kind,
    group_code as geography_code,
    name_en,
    name_ru,
    name_kk,
    cast(null as varchar) as iso_code,
    definition,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    cast(null as varchar) as predecessors,
    cast(null as date) as boundary_changed_on
from {{ ref('country_group') }}
union all
select
    'region' as geography_kind,
    region_code as geography_code,
    name_en,
    name_ru,
    name_kk,
    iso_code,
    cast(null as varchar) as definition,
    valid_from,
    valid_to,
    predecessors,
    boundary_changed_on
from {{ ref('region') }}
