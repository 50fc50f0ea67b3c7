with numbered as (
    select
        *,
        {{ quarter_of('month_start') }} as quarter,
        extract(month from month_start) as month_number
    from {{ ref('monthly_value') }}
),

latest_input as (
    select
        *,
        max(known_from) over (
            partition by
                dataset, obtained_via, indicator, direction, counterpart_kind, counterpart_code, region_code,
                breakdown, breakdown_code, unit, quarter
        ) as latest_known_from
    from numbered
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
    cast(case when count(value) = 3 then sum(value) end as decimal(24, 9)) as value,
    cast(count(value) as varchar) || ' of 3' as coverage,
    nullif(
        concat_ws(
            '; ',
            case when count(*) < 3 then 'month missing' end,
            max(case when month_number % 3 = 1 then reason end),
            max(case when month_number % 3 = 2 then reason end),
            max(case when month_number % 3 = 0 then reason end)
        ),
        ''
    ) as flag,
    max(known_from) as known_from,
    min(case when known_from = latest_known_from then known_basis end) as known_basis
from latest_input
group by
    dataset, obtained_via, indicator, direction, counterpart_kind, counterpart_code, region_code, breakdown,
    breakdown_code, unit, quarter
