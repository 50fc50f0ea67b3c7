{#- The texts of a group in one, each once, in the order of the alphabet. -#}
{% macro joined_once(text, between) -%}
    {{ adapter.dispatch('joined_once')(text, between) }}
{%- endmacro %}

{% macro duckdb__joined_once(text, between) -%}
    string_agg(distinct {{ text }}, '{{ between }}' order by {{ text }})
{%- endmacro %}

{#- Spark breaks on two listagg(distinct ...) of one group. -#}
{% macro spark__joined_once(text, between) -%}
    case when count({{ text }}) > 0 then array_join(array_sort(collect_set({{ text }})), '{{ between }}') end
{%- endmacro %}

{#- The texts of a group in one, in the order of `order`, columns without an empty cell that leave no two of them in the same place. -#}
{% macro joined_in_order(text, between, order) -%}
    {{ adapter.dispatch('joined_in_order')(text, between, order) }}
{%- endmacro %}

{% macro duckdb__joined_in_order(text, between, order) -%}
    string_agg({{ text }}, '{{ between }}' order by {{ order }})
{%- endmacro %}

{% macro spark__joined_in_order(text, between, order) -%}
    listagg({{ text }}, '{{ between }}') within group (order by {{ order }})
{%- endmacro %}
