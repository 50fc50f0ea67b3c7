with flows as (
    {{ quarter_flows('permanent_migration', 'group') }}
),

children as (
    {{ quarter_flows('permanent_migration_children_under_18', 'group') }}
)

select
    flows.quarter,
    flows.geography_code as group_code,
    dim_group.name_en as group_name,
    flows.arrivals,
    flows.arrivals_flag,
    flows.arrivals_since_january,
    flows.arrivals_share_of_stated_total,
    flows.arrivals_sum_of_countries,
    flows.arrivals_residual,
    flows.arrivals_residual_flag,
    flows.arrivals_change_on_previous_quarter,
    flows.arrivals_previous_quarter_reason,
    flows.arrivals_change_on_year,
    flows.arrivals_year_before_reason,
    flows.departures,
    flows.departures_flag,
    flows.departures_since_january,
    flows.departures_share_of_stated_total,
    flows.departures_sum_of_countries,
    flows.departures_residual,
    flows.departures_residual_flag,
    flows.departures_change_on_previous_quarter,
    flows.departures_previous_quarter_reason,
    flows.departures_change_on_year,
    flows.departures_year_before_reason,
    flows.net,
    flows.net_flag,
    flows.net_since_january,
    flows.net_sum_of_countries,
    flows.net_change_on_previous_quarter,
    flows.net_previous_quarter_reason,
    flows.net_change_on_year,
    flows.net_year_before_reason,
    children.arrivals as children_arrivals,
    children.arrivals_since_january as children_arrivals_since_january,
    children.arrivals_flag as children_arrivals_flag,
    children.departures as children_departures,
    children.departures_since_january as children_departures_since_january,
    children.departures_flag as children_departures_flag,
    flows.dataset,
    flows.is_headline,
    flows.obtained_via,
    flows.known_from,
    flows.known_basis
from flows
left join {{ ref('dim_group') }} as dim_group
    on flows.geography_code = dim_group.group_code
left join children
    on
        flows.dataset = children.dataset
        and flows.quarter = children.quarter
        and flows.geography_code = children.geography_code
