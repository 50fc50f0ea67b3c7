select
    period_start as rate_date,
    breakdown_code as currency,
    value as kzt_per_unit,
    dataset,
    obtained_via,
    known_from,
    known_basis,
    source_file,
    source_cell
from {{ ref('observation') }}
where indicator = 'exchange_rate' and known_to is null
