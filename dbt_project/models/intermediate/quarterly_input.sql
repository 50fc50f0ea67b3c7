{%- set series = [
    'dataset', 'indicator', 'direction', 'geography_kind', 'geography_code', 'breakdown', 'breakdown_code', 'unit'
] -%}
{%- set columns = series + [
    'obtained_via', 'period_start', 'period_end', 'measurement', 'value', 'flag', 'is_revision', 'is_restated',
    'known_to', 'source_file', 'source_cell', 'raw_text'
] -%}
{%- set same_year -%}
    partition by
        dataset, indicator, direction, counterpart_code, region_code, breakdown, breakdown_code, unit,
        date_trunc('year', period_end)
{%- endset -%}

with numbered as (
    select
        *,
        row_number() over (
            partition by
                dataset, indicator, direction, counterpart_code, region_code, breakdown, breakdown_code, unit,
                period_start, period_end, measurement
            order by known_from, known_to nulls last
        ) > 1 as is_restated
    from {{ ref('observation') }}
    where indicator not in ('exchange_rate', 'exchange_rate_average')
),

-- A version that another one superseded on the day of its birth was known to nobody.
known_version as (
    select
        *,
        case
            when counterpart_code is null and region_code is null then 'total'
            when region_code is not null then 'region'
            when length(counterpart_code) > 2 then 'group'
            else 'country'
        end as geography_kind,
        coalesce(counterpart_code, region_code) as geography_code,
        row_number() over (
            partition by
                dataset, indicator, direction, counterpart_code, region_code, breakdown, breakdown_code, unit,
                period_start, period_end
            order by known_from
        ) > 1 as is_revision,
        min(case when measurement = 'cumulative' then known_from end) over ({{ same_year }}) as cumulative_from,
        cast(date_trunc('year', period_end) as date) as year_start,
        period_end = last_day({{ add_months("date_trunc('quarter', period_end)", 2) }}) as ends_quarter
    from numbered
    where known_to is null or known_from < known_to
),

version as (
    select
        *,
        min(case when measurement = 'cumulative' and known_from = cumulative_from then known_basis end)
            over ({{ same_year }}) as cumulative_basis
    from known_version
),

stated_quarter as (
    select
        'stated' as method,
        'part' as role,
        {{ quarter_of('period_end') }} as quarter,
        {{ columns | join(',\n        ') }},
        known_from,
        known_basis
    from version
    where
        ends_quarter
        and (
            (measurement = 'flow' and period_start = cast(date_trunc('quarter', period_end) as date))
            or (
                measurement = 'cumulative'
                and period_start = year_start
                and {{ add_months('period_start', 3) }} > period_end
            )
        )
),

month as (
    select
        'months' as method,
        'part' as role,
        {{ quarter_of('period_end') }} as quarter,
        {{ columns | join(',\n        ') }},
        known_from,
        known_basis
    from version
    where
        measurement = 'flow'
        and period_start = cast(date_trunc('month', period_end) as date)
        and period_end = last_day(period_start)
),

stock as (
    select
        'stock' as method,
        'part' as role,
        {{ quarter_of('period_end') }} as quarter,
        {{ columns | join(',\n        ') }},
        known_from,
        known_basis
    from version
    where measurement = 'stock' and ends_quarter
),

-- Since January to the end of a quarter; a whole year is such a figure for its fourth quarter.
since_january as (
    select *
    from version
    where
        ends_quarter
        and period_start = year_start
        and (measurement = 'cumulative' or (measurement = 'flow' and extract(month from period_end) = 12))
),

-- A year's figure alone is no quarter, until some cumulative figure of the series is stated within the year.
minuend as (
    select
        'cumulative' as method,
        'part' as role,
        {{ quarter_of('period_end') }} as quarter,
        {{ columns | join(',\n        ') }},
        greatest(known_from, cumulative_from) as known_from,
        case when cumulative_from > known_from then cumulative_basis else known_basis end as known_basis
    from since_january
    where
        extract(month from period_end) > 3
        and cumulative_from is not null
        and (known_to is null or cumulative_from < known_to)
),

subtrahend as (
    select
        'cumulative' as method,
        'subtrahend' as role,
        {{ quarter_of(add_months('period_end', 3)) }} as quarter,
        {{ columns | join(',\n        ') }},
        known_from,
        known_basis
    from since_january
    where extract(month from period_end) < 12
),

input as (
    select * from stated_quarter
    union all
    select * from month
    union all
    select * from stock
    union all
    select * from minuend
    union all
    select * from subtrahend
)

select
    quarter,
    {{ series | join(',\n    ') }},
    method,
    role,
    obtained_via,
    period_start,
    period_end,
    measurement,
    value,
    flag,
    is_revision,
    is_restated,
    known_from,
    known_to,
    known_basis,
    source_file,
    source_cell,
    raw_text
from input
