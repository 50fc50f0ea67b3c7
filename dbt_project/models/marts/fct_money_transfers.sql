select
    period_start as month_start,
    {{ quarter_of('period_start') }} as quarter,
    direction,
    coalesce(breakdown_code, 'total') as transfer_system,
    value as amount_mln_kzt,
    dataset,
    obtained_via,
    known_from,
    known_basis,
    source_file,
    source_cell
from {{ ref('observation') }}
where dataset = 'national_bank__money_transfers' and known_to is null
