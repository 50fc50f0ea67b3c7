{#- The date so many days later. -#}
{% macro add_days(date_column, days) -%}
    cast({{ date_column }} + cast({{ days }} as integer) as date)
{%- endmacro %}
