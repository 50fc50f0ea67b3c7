with figures as (
    select
        quarter,
        geography_code as region_code,
        max(case when direction = 'arrival' then value end) as arrivals,
        max(case when direction = 'departure' then value end) as departures,
        max(case when direction = 'net' then value end) as net,
        max(case when direction = 'net' then rank end) as net_rank,
        max(case when direction = 'net' then year_to_date end) as net_since_january,
        max(case when direction = 'net' then flag end) as net_flag,
        dataset
    from {{ ref('quarterly_indicator') }}
    where indicator = 'internal_migration' and measure = 'value' and geography_kind = 'region' and is_headline
    group by quarter, geography_code, dataset
)

select
    figures.quarter,
    figures.net_rank,
    dim_region.name_en as region,
    cast(figures.arrivals as bigint) as arrivals,
    cast(figures.departures as bigint) as departures,
    cast(figures.net as bigint) as net,
    figures.net_flag,
    cast(figures.net_since_january as bigint) as net_since_january,
    figures.dataset
from figures
left join {{ ref('dim_region') }} as dim_region
    on figures.region_code = dim_region.region_code
order by figures.quarter, figures.net_rank nulls last, dim_region.name_en
