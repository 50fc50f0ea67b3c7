select
    quarter,
    arrivals_rank_since_january,
    country,
    group_code,
    cast(arrivals_since_january as bigint) as arrivals_since_january,
    round(arrivals_share_of_stated_group_since_january, 1) as arrivals_percent_of_group_since_january,
    cast(departures_since_january as bigint) as departures_since_january,
    round(departures_share_of_stated_group_since_january, 1) as departures_percent_of_group_since_january,
    cast(net_since_january as bigint) as net_since_january,
    cast(arrivals as bigint) as arrivals,
    arrivals_flag,
    cast(departures as bigint) as departures,
    departures_flag,
    cast(net as bigint) as net,
    dataset
from {{ ref('quarterly_permanent_migration_by_country') }}
where is_headline
order by quarter, arrivals_rank_since_january nulls last, country
