{#- The quarter of a date, written 2023Q3. -#}
{% macro quarter_of(date_column) -%}
    cast(extract(year from {{ date_column }}) as string) || 'Q' || cast(extract(quarter from {{ date_column }}) as string)
{%- endmacro %}
