with printed as (
    select
        landed_file.dataset,
        landed_file.landing_number,
        landed_file.resource,
        landed_file.known_from,
        landed_file.known_basis,
        raw.report_date,
        raw.currency,
        raw.periodicity,
        raw.amount,
        raw.source_file,
        raw.source_cell,
        raw.raw_text,
        {{ folded_label('raw.periodicity') }} as periodicity_folded,
        {{ add_months('raw.report_date', '-dataset.period_shift_months') }} as last_month
    from {{ source('raw', 'national_bank__average_exchange_rates') }} as raw
    inner join {{ ref('landed_file') }} as landed_file
        on raw.source_file = landed_file.source_file
    inner join {{ source('raw', 'dataset') }} as dataset
        on landed_file.dataset = dataset.dataset
    where
        landed_file.dataset = 'national_bank__average_exchange_rates'
        and landed_file.is_last_of_day
),

coded as (
    select
        printed.*,
        cast(periodicity_alias.code as integer) as months
    from printed
    {{ alias_join(
        'periodicity_alias', 'periodicity', 'national_bank__average_exchange_rates', 'printed.periodicity_folded'
    ) }}
)

select
    dataset,
    'exchange_rate_average' as indicator,
    cast(null as string) as direction,
    cast(null as string) as counterpart_kind,
    cast(null as string) as counterpart_code,
    cast(null as string) as region_code,
    'currency' as breakdown,
    currency as breakdown_code,
    {{ add_months('last_month', '1 - months') }} as period_start,
    last_day(last_month) as period_end,
    'average' as measurement,
    amount as value,
    'KZT per ' || currency as unit,
    cast(null as string) as flag,
    periodicity as periodicity_label,
    months,
    months is not null as is_coded,
    landing_number,
    resource,
    known_from,
    known_basis,
    source_file,
    source_cell,
    raw_text
from coded
