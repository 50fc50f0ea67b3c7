{%- set key = 'indicator, month, direction, citizenship_code' -%}
{%- set for_work = "purpose_code = 'WORK' and direction = 'arrival'" -%}

with counted as (
    {{ counted_crossings('border_crossings', 'cast(null as string)') }}
    union all
    {{ counted_crossings('border_crossings', 'citizenship_code') }}
    union all
    {{ counted_crossings('border_crossings_labour_purpose', 'cast(null as string)', for_work) }}
    union all
    {{ counted_crossings('border_crossings_labour_purpose', 'citizenship_code', for_work) }}
),

-- A file adds its rows on the day it was known and takes them away when a corrected one replaces it.
change as (
    select
        {{ key }},
        known_from as day,
        crossings,
        late_crossings
    from counted
    union all
    select
        {{ key }},
        known_to as day,
        -crossings as crossings,
        -late_crossings as late_crossings
    from counted
    where known_to is not null
),

change_of_day as (
    select
        {{ key }},
        day,
        sum(crossings) as crossings,
        sum(late_crossings) as late_crossings
    from change
    group by {{ key }}, day
),

known as (
    select
        {{ key }},
        day,
        sum(crossings) over (partition by {{ key }} order by day rows unbounded preceding) as crossings,
        sum(late_crossings) over (partition by {{ key }} order by day rows unbounded preceding) as late_crossings
    from change_of_day
)

-- Late rows of a month whose own file is not there are not its figure.
select
    'border_service__crossing_register' as dataset,
    known.indicator,
    known.direction,
    case when known.citizenship_code is not null then 'citizenship' end as counterpart_kind,
    known.citizenship_code as counterpart_code,
    cast(null as string) as region_code,
    cast(null as string) as breakdown,
    cast(null as string) as breakdown_code,
    known.month as period_start,
    last_day(known.month) as period_end,
    'flow' as measurement,
    cast(known.crossings as decimal(24, 9)) as value,
    'persons' as unit,
    cast(null as string) as flag,
    true as is_coded,
    version.landing_number,
    version.resource,
    known.day as known_from,
    version.known_basis,
    version.source_file,
    'month '
    || substr(cast(known.month as string), 1, 7)
    || ', '
    || known.direction
    || ', '
    || coalesce(known.citizenship_code, 'all')
    || case when known.indicator = 'border_crossings' then '' else ', for work' end as source_cell,
    cast(known.crossings as string)
    || ' rows'
    || case
        when known.late_crossings > 0
            then ', ' || cast(known.late_crossings as string) || ' of them in files of later months'
        else ''
    end as raw_text
from known
inner join {{ ref('crossing_register_version') }} as version
    on
        known.month = version.file_month
        and known.day >= version.known_from
        and (version.known_to is null or known.day < version.known_to)
