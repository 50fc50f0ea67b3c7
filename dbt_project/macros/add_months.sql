{#- The date so many months later; months may be any integer expression. -#}
{% macro add_months(date_column, months) -%}
    cast({{ date_column }} + to_months({{ months }}) as date)
{%- endmacro %}
