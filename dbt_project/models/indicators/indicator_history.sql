{%- set key = [
    'quarter', 'indicator', 'measure', 'direction', 'geography_kind', 'geography_code', 'geography_group', 'breakdown',
    'breakdown_code', 'denominator', 'unit', 'figure_unit', 'dataset'
] -%}
{%- set series = key | join(', ') -%}
{%- set whole = ['quarter', 'dataset', 'indicator', 'measure', 'figure_unit'] -%}

with measure as (
    select * from {{ ref('quarterly_measure') }}
),

measured as (
    select distinct
        {{ whole | join(',\n        ') }}
    from measure
),

-- A day on which the last figure of a quarter was withdrawn has no measure.
as_of_day as (
    select
        as_of,
        {{ whole | join(',\n        ') }}
    from measure
    union
    select
        input.known_to as as_of,
        {{ columns_of('measured', whole) | trim }}
    from measured
    inner join {{ ref('quarterly_input') }} as input
        on
            measured.quarter = input.quarter
            and measured.dataset = input.dataset
            and measured.indicator = input.indicator
            and measured.figure_unit = input.unit
    where input.known_to is not null
    union
    select
        rate.as_of,
        {{ columns_of('measured', whole) | trim }}
    from measured
    inner join {{ ref('quarterly_exchange_rate') }} as rate
        on
            measured.quarter = rate.quarter
            and measured.figure_unit = 'KZT per ' || rate.currency
),

-- What a day rests on: the inputs that became known on it.
basis_of_day as (
    select
        quarter,
        dataset,
        indicator,
        unit,
        known_from as as_of,
        {{ joined_once('known_basis', ' and ') }} as known_basis
    from {{ ref('quarterly_input') }}
    group by quarter, dataset, indicator, unit, known_from
),

series as (
    select distinct
        {{ key | join(',\n        ') }}
    from measure
),

-- Every series of a quarter on every day on which something became known of it, there or not.
on_each_day as (
    select
        as_of_day.as_of,
        {{ columns_of('series', key) | trim }},
        measure.method,
        measure.value,
        measure.year_to_date,
        measure.rank,
        measure.rank_of,
        measure.coverage,
        measure.flag,
        measure.obtained_via,
        coalesce(basis_of_day.known_basis, measure.known_basis) as known_basis,
        measure.as_of is not null as is_known
    from as_of_day
    inner join series
        on
            as_of_day.quarter = series.quarter
            and as_of_day.dataset = series.dataset
            and as_of_day.indicator = series.indicator
            and as_of_day.measure = series.measure
            and as_of_day.figure_unit = series.figure_unit
    left join measure
        on
            as_of_day.as_of = measure.as_of
            and {{ is_same('series', 'measure', key) | trim }}
    left join basis_of_day
        on
            as_of_day.as_of = basis_of_day.as_of
            and series.quarter = basis_of_day.quarter
            and series.dataset = basis_of_day.dataset
            and series.indicator = basis_of_day.indicator
            and series.figure_unit = basis_of_day.unit
            and series.measure <> 'converted'
),

compared as (
    select
        *,
        lag(is_known) over (partition by {{ series }} order by as_of) as was_known,
        lag(method) over (partition by {{ series }} order by as_of) as last_method,
        lag(value) over (partition by {{ series }} order by as_of) as last_value,
        lag(year_to_date) over (partition by {{ series }} order by as_of) as last_year_to_date,
        lag(rank) over (partition by {{ series }} order by as_of) as last_rank,
        lag(rank_of) over (partition by {{ series }} order by as_of) as last_rank_of,
        lag(coverage) over (partition by {{ series }} order by as_of) as last_coverage,
        lag(flag) over (partition by {{ series }} order by as_of) as last_flag,
        lag(obtained_via) over (partition by {{ series }} order by as_of) as last_obtained_via
    from on_each_day
),

change as (
    select
        *,
        lead(as_of) over (partition by {{ series }} order by as_of) as known_to
    from compared
    where
        is_known is distinct from was_known
        or method is distinct from last_method
        or value is distinct from last_value
        or year_to_date is distinct from last_year_to_date
        or rank is distinct from last_rank
        or rank_of is distinct from last_rank_of
        or coverage is distinct from last_coverage
        or flag is distinct from last_flag
        or obtained_via is distinct from last_obtained_via
)

select
    quarter,
    indicator,
    measure,
    direction,
    geography_kind,
    geography_code,
    geography_group,
    breakdown,
    breakdown_code,
    denominator,
    unit,
    figure_unit,
    method,
    value,
    year_to_date,
    rank,
    rank_of,
    coverage,
    flag,
    dataset,
    obtained_via,
    as_of as known_from,
    known_to,
    known_basis
from change
where is_known
