{#-
  Arrivals, departures and net of a quarter side by side, from quarterly_indicator: a row a geography and dataset. Of a
  country its rank and shares; of a group the sum over its countries and what the stated group leaves over. `indicators`
  names each by what stands before its columns.
-#}
{% macro quarter_flows(indicators, geography_kind) -%}
    select
        quarter,
        geography_code,
        dataset,
        max(geography_group) as group_code,
        {% for prefix, indicator in indicators.items() -%}
        {%- for direction, name in (('arrival', 'arrivals'), ('departure', 'departures'), ('net', 'net')) -%}
        {%- set rows_of = "indicator = '" ~ indicator ~ "' and direction = '" ~ direction ~ "' and measure = " -%}
        {%- set value = rows_of ~ "'value'" -%}
        {{ figure(value) }} as {{ prefix }}{{ name }},
        {{ figure_flag(value) }} as {{ prefix }}{{ name }}_flag,
        {{ figure(value, 'rank') }} as {{ prefix }}{{ name }}_rank,
        {{ figure(value, 'rank_of') }} as {{ prefix }}{{ name }}_rank_of,
        {{ comparisons(value, prefix ~ name ~ '_', has_percent=direction != 'net') }}
        {% for share, condition in {
            'share_of_stated_total': "'share_of_stated' and denominator = 'TOTAL'",
            'share_of_stated_group': "'share_of_stated' and denominator <> 'TOTAL'",
            'share_of_sum': "'share_of_sum'",
        }.items() if direction != 'net' -%}
        {{ figure(rows_of ~ condition) }} as {{ prefix }}{{ name }}_{{ share }},
        {{ figure(rows_of ~ condition, 'year_to_date') }} as {{ prefix }}{{ name }}_{{ share }}_since_january,
        {{ figure(rows_of ~ condition, 'flag') }} as {{ prefix }}{{ name }}_{{ share }}_flag,
        {% endfor -%}
        {% for measure in ('sum_of_countries', 'residual') -%}
        {%- set of_measure = rows_of ~ "'" ~ measure ~ "'" -%}
        {{ figure(of_measure) }} as {{ prefix }}{{ name }}_{{ measure }},
        {{ figure(of_measure, 'coverage') }} as {{ prefix }}{{ name }}_{{ measure }}_coverage,
        {{ figure(of_measure, 'year_to_date') }} as {{ prefix }}{{ name }}_{{ measure }}_since_january,
        {% endfor -%}
        {{ figure(rows_of ~ "'residual'", 'flag') }} as {{ prefix }}{{ name }}_residual_flag,
        {% endfor -%}
        {% endfor -%}
        bool_and(is_headline) as is_headline,
        {{ joined_ways('obtained_via') }} as obtained_via,
        max(known_from) as known_from,
        {{ joined_once('known_basis', ' and ') }} as known_basis
    from {{ ref('quarterly_indicator') }}
    where
        indicator in ('{{ indicators.values() | join("', '") }}')
        and geography_kind = '{{ geography_kind }}'
        and breakdown is null
    group by quarter, geography_code, dataset
{%- endmacro %}

{#- Of one table of flows the columns of one direction: the figure, those that are named, and the comparisons. -#}
{% macro flow_columns(table, name, suffixes) -%}
    {{ table }}.{{ name }},
    {{ table }}.{{ name }}_flag,
    {%- for suffix in suffixes %}
    {{ table }}.{{ name }}_{{ suffix }},
    {%- endfor %}
    {{- compared_columns(table, name ~ '_', has_percent='net' not in name) }}
{%- endmacro %}
