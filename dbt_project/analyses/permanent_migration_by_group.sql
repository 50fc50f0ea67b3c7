select
    quarter,
    group_name,
    cast(arrivals_since_january as bigint) as arrivals_since_january,
    round(arrivals_share_of_stated_total_since_january, 1) as arrivals_percent_of_total_since_january,
    cast(departures_since_january as bigint) as departures_since_january,
    cast(net_since_january as bigint) as net_since_january,
    cast(children_arrivals_since_january as bigint) as children_arrivals_since_january,
    cast(children_departures_since_january as bigint) as children_departures_since_january,
    cast(arrivals as bigint) as arrivals,
    arrivals_flag,
    cast(departures as bigint) as departures,
    departures_flag,
    cast(net as bigint) as net,
    dataset
from {{ ref('quarterly_permanent_migration_by_group') }}
where is_headline
order by quarter, group_name
