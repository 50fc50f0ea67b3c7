select
    quarterly_indicator.quarter,
    quarterly_indicator.indicator,
    quarterly_indicator.direction,
    quarterly_indicator.geography_kind,
    quarterly_indicator.geography_code,
    quarterly_indicator.breakdown,
    quarterly_indicator.breakdown_code,
    quarterly_indicator.unit,
    quarterly_indicator.dataset,
    quarterly_indicator.obtained_via,
    'part' as role,
    observation.period_start,
    observation.period_end,
    observation.value as input_value,
    observation.known_from,
    observation.known_basis,
    observation.source_file,
    dim_source_file.archive_path,
    dim_source_file.url,
    observation.source_cell,
    observation.raw_text
from {{ ref('quarterly_indicator') }} as quarterly_indicator
inner join {{ ref('observation') }} as observation
    on
        quarterly_indicator.dataset = observation.dataset
        and quarterly_indicator.indicator = observation.indicator
        and quarterly_indicator.quarter = {{ quarter_of('observation.period_start') }}
        and quarterly_indicator.direction is not distinct from observation.direction
        and quarterly_indicator.geography_code
        is not distinct from coalesce(observation.counterpart_code, observation.region_code)
        and quarterly_indicator.breakdown is not distinct from observation.breakdown
        and quarterly_indicator.breakdown_code is not distinct from observation.breakdown_code
inner join {{ ref('dim_source_file') }} as dim_source_file
    on
        observation.source_file = dim_source_file.source_file
        and observation.dataset = dim_source_file.dataset
where observation.known_to is null
