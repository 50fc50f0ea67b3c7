with known_today as (
    select
        *,
        {{ quarter_of('period_start') }} as quarter
    from {{ ref('observation') }}
    where known_to is null and measurement = 'flow'
),

latest_input as (
    select
        *,
        max(known_from) over (
            partition by
                dataset, obtained_via, indicator, direction, counterpart_kind, counterpart_code, region_code,
                breakdown, breakdown_code, unit, quarter
        ) as latest_known_from
    from known_today
)

select
    dataset,
    obtained_via,
    indicator,
    direction,
    counterpart_kind,
    counterpart_code,
    region_code,
    breakdown,
    breakdown_code,
    unit,
    quarter,
    cast(case when count(*) = 3 then sum(value) end as decimal(24, 9)) as value,
    cast(count(*) as varchar) || ' of 3' as coverage,
    case when count(*) < 3 then 'month missing' end as flag,
    max(known_from) as known_from,
    min(case when known_from = latest_known_from then known_basis end) as known_basis
from latest_input
group by
    dataset, obtained_via, indicator, direction, counterpart_kind, counterpart_code, region_code, breakdown,
    breakdown_code, unit, quarter
