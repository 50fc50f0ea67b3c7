select
    landed_file.dataset,
    'exchange_rate' as indicator,
    cast(null as string) as direction,
    cast(null as string) as counterpart_kind,
    cast(null as string) as counterpart_code,
    cast(null as string) as region_code,
    'currency' as breakdown,
    raw.currency as breakdown_code,
    raw.rate_date as period_start,
    raw.rate_date as period_end,
    'stock' as measurement,
    {{ divide('raw.rate', 'raw.quant') }} as value,
    'KZT per ' || raw.currency as unit,
    cast(null as string) as flag,
    raw.quant,
    raw.rate as printed_rate,
    true as is_coded,
    landed_file.landing_number,
    landed_file.resource,
    landed_file.known_from,
    landed_file.known_basis,
    raw.source_file,
    raw.source_cell,
    raw.raw_text
from {{ source('raw', 'national_bank__exchange_rates') }} as raw
inner join {{ ref('landed_file') }} as landed_file
    on raw.source_file = landed_file.source_file
where
    landed_file.dataset = 'national_bank__exchange_rates'
    and landed_file.is_last_of_day
