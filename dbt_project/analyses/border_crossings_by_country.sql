select
    quarter,
    arrivals_rank,
    country,
    group_code,
    cast(arrivals as bigint) as arrivals,
    round(arrivals_share_of_stated_total, 1) as arrivals_percent_of_total,
    round(arrivals_share_of_stated_group, 1) as arrivals_percent_of_group,
    round(arrivals_percent_change_on_previous_quarter, 1) as arrivals_percent_change_on_previous_quarter,
    round(arrivals_percent_change_on_year, 1) as arrivals_percent_change_on_year,
    arrivals_flag,
    departures_rank,
    cast(departures as bigint) as departures,
    round(departures_share_of_stated_total, 1) as departures_percent_of_total,
    round(departures_share_of_stated_group, 1) as departures_percent_of_group,
    departures_flag,
    cast(net as bigint) as net,
    dataset
from {{ ref('quarterly_border_crossings_by_country') }}
where is_headline
order by quarter, arrivals_rank nulls last, country
