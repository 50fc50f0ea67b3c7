select
    quarter,
    indicator,
    direction,
    case
        when counterpart_code is not null then 'country'
        when region_code is not null then 'region'
        else 'total'
    end as geography_kind,
    coalesce(counterpart_code, region_code) as geography_code,
    breakdown,
    breakdown_code,
    unit,
    value,
    coverage,
    flag,
    dataset,
    obtained_via,
    known_from,
    known_basis
from {{ ref('quarterly_observation') }}
