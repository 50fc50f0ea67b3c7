with known as (
    select *
    from {{ ref('observation') }}
    where known_to is null
)

select
    case
        when correction.indicator in ('exchange_rate', 'exchange_rate_average')
            then 'a rate goes into averages that have no flag for it: not corrected here'
        when known.value is null then 'no such figure is known: mend the line or take it out'
        when known.stated_value = correction.expect then 'in force'
        else 'the source now states another value: take the line out or look again'
    end as state,
    correction.dataset,
    correction.indicator,
    correction.direction,
    correction.geography_code,
    correction.breakdown_code,
    correction.period_start,
    correction.period_end,
    correction.unit,
    correction.expect,
    known.stated_value,
    correction.corrected_value,
    correction.reason,
    correction.told_whom,
    correction.told_on,
    known.measurement,
    known.known_from,
    known.source_file,
    known.source_cell,
    known.raw_text
from {{ ref('correction') }} as correction
left join known
    on
        {{ is_figure_of('known', 'correction') }}
