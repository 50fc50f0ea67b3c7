select
    quarter,
    group_name,
    cast(arrivals as bigint) as arrivals,
    round(arrivals_share_of_stated_total, 1) as arrivals_percent_of_total,
    arrivals_flag,
    cast(departures as bigint) as departures,
    round(departures_share_of_stated_total, 1) as departures_percent_of_total,
    departures_flag,
    cast(net as bigint) as net,
    net_flag,
    dataset
from {{ ref('quarterly_border_crossings_by_group') }}
where is_headline
order by quarter, group_name
