{#- How many days the second date lies after the first. -#}
{% macro days_between(first, second) -%}
    {{ adapter.dispatch('days_between')(first, second) }}
{%- endmacro %}

{% macro duckdb__days_between(first, second) -%}
    {{ second }} - {{ first }}
{%- endmacro %}

{% macro spark__days_between(first, second) -%}
    cast(datediff({{ second }}, {{ first }}) as bigint)
{%- endmacro %}
