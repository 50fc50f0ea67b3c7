{%- set of_a_flow = [
    'share_of_stated_total', 'share_of_stated_total_since_january', 'share_of_stated_total_flag', 'sum_of_countries',
    'sum_of_countries_coverage', 'sum_of_countries_since_january', 'residual', 'residual_since_january', 'residual_flag'
] -%}
{%- set of_a_balance = ['sum_of_countries', 'sum_of_countries_coverage', 'sum_of_countries_since_january'] -%}

with flows as (
    {{ quarter_flows({
        '': 'permanent_migration', 'children_': 'permanent_migration_children_under_18'
    }, 'group') }}
)

select
    flows.quarter,
    flows.geography_code as group_code,
    dim_group.name_en as group_name,
    {{ flow_columns('flows', 'arrivals', of_a_flow) }},
    {{ flow_columns('flows', 'departures', of_a_flow) }},
    {{ flow_columns('flows', 'net', of_a_balance) }},
    {{ flow_columns('flows', 'children_arrivals', []) }},
    {{ flow_columns('flows', 'children_departures', []) }},
    {{ flow_columns('flows', 'children_net', []) }},
    flows.dataset,
    flows.is_headline,
    flows.obtained_via,
    flows.known_from,
    flows.known_basis
from flows
left join {{ ref('dim_group') }} as dim_group
    on flows.geography_code = dim_group.group_code
