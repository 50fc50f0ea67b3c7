{%- set key = [
    'quarter', 'indicator', 'measure', 'direction', 'geography_kind', 'geography_code', 'geography_group', 'breakdown',
    'breakdown_code', 'denominator', 'unit', 'figure_unit', 'dataset'
] -%}
{%- set series = key | join(', ') -%}

with measure as (
    select * from {{ ref('quarterly_measure') }}
),

-- A day on which the last figure of a quarter was withdrawn has no measure.
as_of_day as (
    select
        as_of,
        quarter,
        dataset,
        indicator
    from measure
    union
    select
        known_to as as_of,
        quarter,
        dataset,
        indicator
    from {{ ref('quarterly_input') }}
    where known_to is not null
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
        measure.coverage,
        measure.flag,
        measure.obtained_via,
        measure.known_basis,
        measure.as_of is not null as is_known
    from as_of_day
    inner join series
        on
            as_of_day.quarter = series.quarter
            and as_of_day.dataset = series.dataset
            and as_of_day.indicator = series.indicator
    left join measure
        on
            as_of_day.as_of = measure.as_of
            and {{ is_same('series', 'measure', key) | trim }}
),

compared as (
    select
        *,
        lag(is_known) over (partition by {{ series }} order by as_of) as was_known,
        lag(method) over (partition by {{ series }} order by as_of) as last_method,
        lag(value) over (partition by {{ series }} order by as_of) as last_value,
        lag(year_to_date) over (partition by {{ series }} order by as_of) as last_year_to_date,
        lag(rank) over (partition by {{ series }} order by as_of) as last_rank,
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
    coverage,
    flag,
    dataset,
    obtained_via,
    as_of as known_from,
    known_to,
    known_basis
from change
where is_known
