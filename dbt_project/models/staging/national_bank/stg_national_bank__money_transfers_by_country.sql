{%- set dataset = 'national_bank__money_transfers_by_country' -%}

with printed as (
    {{ landed_rows(dataset) }}
),

folded as (
    select
        *,
        {{ folded_label('country') }} as country_folded
    from printed
)

select
    '{{ dataset }}' as dataset,
    case when folded.unit = 'percent' then 'money_transfers_share' else 'money_transfers' end as indicator,
    folded.direction,
    case when partner.code <> 'TOTAL' then 'transfer partner' end as counterpart_kind,
    nullif(partner.code, 'TOTAL') as counterpart_code,
    cast(null as string) as region_code,
    cast(null as string) as breakdown,
    cast(null as string) as breakdown_code,
    folded.period_start,
    folded.period_end,
    folded.measurement,
    cast(case when folded.unit = 'bn KZT' then folded.amount * 1000 else folded.amount end as decimal(24, 9)) as value,
    case when folded.unit = 'bn KZT' then 'mln KZT' else folded.unit end as unit,
    folded.flag,
    folded.country as country_label,
    partner.code as country_code,
    folded.month,
    partner.code is not null as is_coded,
    folded.landing_number,
    folded.resource,
    folded.known_from,
    folded.known_basis,
    folded.source_file,
    folded.source_cell,
    folded.raw_text
from folded
{{ alias_join('partner', 'country', dataset, 'folded.country_folded') }}
