{%- set of_a_flow = [
    'rank', 'rank_of', 'rank_since_january', 'rank_of_since_january', 'share_of_stated_total',
    'share_of_stated_total_since_january', 'share_of_stated_total_flag', 'share_of_stated_group',
    'share_of_stated_group_since_january', 'share_of_stated_group_flag', 'share_of_sum'
] -%}

with flows as (
    {{ quarter_flows({'': 'permanent_migration'}, 'country') }}
),

ranked as (
    select
        {% for name in ('arrivals', 'departures', 'net') %}
            cast(
                case
                    when flows.{{ name }}_since_january is not null
                        then
                            rank() over (
                                partition by flows.quarter, flows.dataset
                                order by flows.{{ name }}_since_january desc nulls last
                            )
                end as bigint
            ) as {{ name }}_rank_since_january,
            count(flows.{{ name }}_since_january) over (partition by flows.quarter, flows.dataset)
                as {{ name }}_rank_of_since_january,
        {% endfor %}
        flows.*
    from flows
)

select
    ranked.quarter,
    ranked.geography_code as country_code,
    dim_country.name_en as country,
    ranked.group_code,
    {{ flow_columns('ranked', 'arrivals', of_a_flow) }},
    {{ flow_columns('ranked', 'departures', of_a_flow) }},
    {{ flow_columns('ranked', 'net', ['rank', 'rank_of', 'rank_since_january', 'rank_of_since_january']) }},
    ranked.dataset,
    ranked.is_headline,
    ranked.obtained_via,
    ranked.known_from,
    ranked.known_basis
from ranked
left join {{ ref('dim_country') }} as dim_country
    on ranked.geography_code = dim_country.country_code
