select
    quarter,
    event_date,
    date_precision,
    agency,
    kind,
    title_en,
    value,
    unit,
    reference
from {{ ref('fct_policy_events') }}
order by event_date, date_precision, title_en
