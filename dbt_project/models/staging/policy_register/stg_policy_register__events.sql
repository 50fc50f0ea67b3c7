with printed as (
    {{ landed_rows('policy_register__events') }}
)

select
    'policy_register__events' as dataset,
    event_date,
    date_precision,
    agency,
    kind,
    title_en,
    title_ru,
    figure as value,
    unit,
    reference,
    landing_number,
    resource,
    known_from,
    known_basis,
    source_file,
    source_cell,
    raw_text
from printed
