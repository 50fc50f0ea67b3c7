{#- A column of the one row of a group for which the condition holds. -#}
{% macro figure(condition, column='value') -%}
    max(case when {{ condition }} then {{ column }} end)
{%- endmacro %}
