with numbered as (
    select
        *,
        max(landing_number) over (partition by resource) as last_number,
        row_number() over (partition by event_date, agency, title_en order by landing_number desc) as place
    from {{ ref('stg_policy_register__events') }}
)

-- The events of the last answer of each file; an event of two files counts once, as the later one states it.
select
    event_date,
    date_precision,
    case when date_precision <> 'year' then {{ quarter_of('event_date') }} end as quarter,
    agency,
    kind,
    title_en,
    title_ru,
    value,
    unit,
    reference,
    dataset,
    known_from,
    known_basis,
    source_file,
    source_cell,
    raw_text
from numbered
where landing_number = last_number and place = 1
