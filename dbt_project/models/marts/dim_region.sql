select
    region_code,
    kind,
    iso_code,
    name_en,
    name_ru,
    name_kk,
    valid_to is null as is_current,
    valid_from,
    valid_to,
    predecessors,
    boundary_changed_on
from {{ ref('region') }}
