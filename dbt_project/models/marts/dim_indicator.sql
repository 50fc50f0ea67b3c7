select
    indicator.indicator,
    indicator.name_en,
    indicator.name_ru,
    indicator.name_kk,
    indicator.definition,
    indicator.unit,
    indicator.printed_decimals,
    indicator.agency,
    indicator.measurement,
    indicator.quarter_rule,
    indicator.publisher_rule,
    indicator.share_rule,
    indicator.caveat,
    publication_threshold.percent as hold_above_percent,
    publication_threshold.why as hold_reason
from {{ ref('indicator') }} as indicator
inner join {{ ref('publication_threshold') }} as publication_threshold
    on indicator.indicator = publication_threshold.indicator
