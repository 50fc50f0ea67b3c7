with flows as (
    {{ quarter_flows('border_crossings', 'group') }}
),

-- What the table that states the group lists under it.
listed as (
    select
        dataset,
        {{ quarter_of('period_end') }} as quarter,
        geography_code,
        {{ figure("direction = 'arrival'", 'parts') }} as arrivals,
        {{ figure("direction = 'departure'", 'parts') }} as departures
    from {{ ref('reconciliation') }}
    where
        rule = 'countries below a group are at most the group'
        and indicator = 'border_crossings'
        and measurement = 'flow'
        and period_start = cast(date_trunc('quarter', period_end) as date)
        and period_end = last_day({{ add_months('period_start', 2) }})
    group by dataset, quarter, geography_code
)

select
    flows.quarter,
    flows.geography_code as group_code,
    dim_group.name_en as group_name,
    flows.arrivals,
    flows.arrivals_flag,
    coalesce(flows.arrivals_flag like '%imputed by the publisher%', false) as arrivals_is_imputed,
    flows.arrivals_share_of_stated_total,
    flows.arrivals_sum_of_countries,
    flows.arrivals_residual,
    flows.arrivals_residual_flag,
    listed.arrivals as arrivals_sum_of_listed_countries,
    flows.arrivals_change_on_previous_quarter,
    flows.arrivals_previous_quarter_reason,
    flows.arrivals_change_on_year,
    flows.arrivals_year_before_reason,
    flows.departures,
    flows.departures_flag,
    coalesce(flows.departures_flag like '%imputed by the publisher%', false) as departures_is_imputed,
    flows.departures_share_of_stated_total,
    flows.departures_sum_of_countries,
    flows.departures_residual,
    flows.departures_residual_flag,
    listed.departures as departures_sum_of_listed_countries,
    flows.departures_change_on_previous_quarter,
    flows.departures_previous_quarter_reason,
    flows.departures_change_on_year,
    flows.departures_year_before_reason,
    flows.net,
    flows.net_flag,
    flows.net_sum_of_countries,
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
left join {{ ref('dim_group') }} as dim_group
    on flows.geography_code = dim_group.group_code
left join listed
    on
        flows.dataset = listed.dataset
        and flows.quarter = listed.quarter
        and flows.geography_code = listed.geography_code
