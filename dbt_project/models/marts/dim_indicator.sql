select
    indicator,
    name_en,
    name_ru,
    name_kk,
    definition,
    unit,
    printed_decimals,
    agency,
    measurement,
    quarter_rule,
    publisher_rule,
    share_rule,
    caveat
from {{ ref('indicator') }}
