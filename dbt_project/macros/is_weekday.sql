{#- Whether a date is a Monday to Friday. -#}
{% macro is_weekday(date_column) -%}
    {{ iso_weekday(date_column) }} between 1 and 5
{%- endmacro %}

{#- The day of the week as a number, Monday 1 to Sunday 7. -#}
{% macro iso_weekday(date_column) -%}
    {{ adapter.dispatch('iso_weekday')(date_column) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(date_column) -%}
    extract(isodow from {{ date_column }})
{%- endmacro %}

{% macro spark__iso_weekday(date_column) -%}
    (weekday({{ date_column }}) + 1)
{%- endmacro %}
