{%- set of_a_flow = [
    'share_of_stated_total', 'share_of_stated_total_flag', 'sum_of_countries', 'sum_of_countries_coverage', 'residual',
    'residual_flag'
] -%}

with flows as (
    {{ quarter_flows({'': 'border_crossings'}, 'group') }}
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
    {% for name in ('arrivals', 'departures') %}
        {{ flow_columns('flows', name, of_a_flow) | indent }},
        coalesce(flows.{{ name }}_flag like '%imputed by the publisher%', false) as {{ name }}_is_imputed,
        listed.{{ name }} as {{ name }}_sum_of_listed_countries,
    {% endfor %}
    {{ flow_columns('flows', 'net', ['sum_of_countries', 'sum_of_countries_coverage']) }},
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
