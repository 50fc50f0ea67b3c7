{#- The date so many months later; months may be any integer expression. -#}
{% macro add_months(date_column, months) -%}
    {{ adapter.dispatch('add_months')(date_column, months) }}
{%- endmacro %}

{% macro duckdb__add_months(date_column, months) -%}
    cast({{ date_column }} + to_months({{ months }}) as date)
{%- endmacro %}

{% macro spark__add_months(date_column, months) -%}
    add_months(cast({{ date_column }} as date), cast({{ months }} as integer))
{%- endmacro %}
