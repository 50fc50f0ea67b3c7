{%- set of_a_flow = [
    'rank', 'rank_of', 'share_of_stated_total', 'share_of_stated_total_flag', 'share_of_stated_group',
    'share_of_stated_group_flag', 'share_of_sum'
] -%}

with flows as (
    {{ quarter_flows({'': 'border_crossings'}, 'country') }}
)

select
    flows.quarter,
    flows.geography_code as country_code,
    dim_country.name_en as country,
    flows.group_code,
    {{ flow_columns('flows', 'arrivals', of_a_flow) }},
    {{ flow_columns('flows', 'departures', of_a_flow) }},
    {{ flow_columns('flows', 'net', ['rank', 'rank_of']) }},
    flows.dataset,
    flows.is_headline,
    flows.obtained_via,
    flows.known_from,
    flows.known_basis
from flows
left join {{ ref('dim_country') }} as dim_country
    on flows.geography_code = dim_country.country_code
