with flows as (
    {{ quarter_flows('permanent_migration', 'country') }}
)

select
    flows.quarter,
    flows.geography_code as country_code,
    dim_country.name_en as country,
    flows.group_code,
    flows.arrivals,
    flows.arrivals_flag,
    flows.arrivals_since_january,
    flows.arrivals_rank,
    flows.arrivals_share_of_stated_total,
    flows.arrivals_share_of_stated_group,
    flows.arrivals_share_of_sum,
    flows.arrivals_change_on_previous_quarter,
    flows.arrivals_previous_quarter_reason,
    flows.arrivals_change_on_year,
    flows.arrivals_year_before_reason,
    flows.departures,
    flows.departures_flag,
    flows.departures_since_january,
    flows.departures_rank,
    flows.departures_share_of_stated_total,
    flows.departures_share_of_stated_group,
    flows.departures_share_of_sum,
    flows.departures_change_on_previous_quarter,
    flows.departures_previous_quarter_reason,
    flows.departures_change_on_year,
    flows.departures_year_before_reason,
    flows.net,
    flows.net_flag,
    flows.net_since_january,
    flows.net_change_on_previous_quarter,
    flows.net_previous_quarter_reason,
    flows.net_change_on_year,
    flows.net_year_before_reason,
    flows.dataset,
    flows.is_headline,
    flows.obtained_via,
    flows.known_from,
    flows.known_basis
from flows
left join {{ ref('dim_country') }} as dim_country
    on flows.geography_code = dim_country.country_code
