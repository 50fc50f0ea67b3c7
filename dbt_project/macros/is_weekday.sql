{#- Whether a date is a Monday to Friday. -#}
{% macro is_weekday(date_column) -%}
    extract(isodow from {{ date_column }}) between 1 and 5
{%- endmacro %}
