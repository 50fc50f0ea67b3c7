select
    group_code,
    name_en,
    name_ru,
    name_kk,
    definition
from {{ ref('country_group') }}
