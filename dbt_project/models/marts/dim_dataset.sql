select
    dataset,
    agency,
    title,
    source_page,
    licence,
    period,
    obtained_via,
    state,
    reason
from {{ source('raw', 'dataset') }}
