select
    indicator,
    name_en,
    name_ru,
    name_kk,
    definition,
    unit,
    agency,
    measurement,
    quarter_rule,
    caveat
from {{ ref('indicator') }}
