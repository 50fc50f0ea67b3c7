with printed as (
    select
        landed_file.landing_number,
        landed_file.resource,
        landed_file.known_from,
        landed_file.known_basis,
        landed_file.page,
        raw.report_date,
        raw.imts,
        raw.money_transfer_sign,
        raw.amount,
        raw.source_file,
        raw.source_cell,
        raw.raw_text,
        {{ folded_label('raw.imts') }} as imts_folded,
        {{ folded_label('raw.money_transfer_sign') }} as sign_folded
    from {{ source('raw', 'national_bank__money_transfers') }} as raw
    inner join {{ ref('landed_file') }} as landed_file
        on raw.source_file = landed_file.source_file
    where
        landed_file.dataset = 'national_bank__money_transfers'
        and landed_file.is_last_of_day
),

-- The bank's pages repeat identical rows; the first stands for them.
numbered as (
    select
        *,
        row_number() over (
            partition by landing_number, report_date, imts_folded, sign_folded
            order by page, length(source_cell), source_cell
        ) as repetition
    from printed
)

select
    'national_bank__money_transfers' as dataset,
    'money_transfers' as indicator,
    direction_alias.code as direction,
    cast(null as string) as counterpart_kind,
    cast(null as string) as counterpart_code,
    cast(null as string) as region_code,
    case when system_alias.code = 'total' then null else 'transfer_system' end as breakdown,
    nullif(system_alias.code, 'total') as breakdown_code,
    numbered.report_date as period_start,
    last_day(numbered.report_date) as period_end,
    'flow' as measurement,
    numbered.amount as value,
    'mln KZT' as unit,
    cast(null as string) as flag,
    numbered.imts as transfer_system_label,
    system_alias.code as transfer_system_code,
    numbered.money_transfer_sign as direction_label,
    system_alias.code is not null and direction_alias.code is not null as is_coded,
    numbered.landing_number,
    numbered.resource,
    numbered.known_from,
    numbered.known_basis,
    numbered.source_file,
    numbered.source_cell,
    numbered.raw_text
from numbered
{{ alias_join('system_alias', 'transfer_system', 'national_bank__money_transfers', 'numbered.imts_folded') }}
{{ alias_join('direction_alias', 'direction', 'national_bank__money_transfers', 'numbered.sign_folded') }}
where numbered.repetition = 1
