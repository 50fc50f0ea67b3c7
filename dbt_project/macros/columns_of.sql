{#- Columns of one table by name, a line each. -#}
{% macro columns_of(table, columns) -%}
    {%- for column in columns %}
        {{ table }}.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Whether two tables agree in these columns; two empty values agree. -#}
{% macro is_same(left, right, columns) -%}
    {%- for column in columns %}
            {{ 'and ' if not loop.first }}{{ left }}.{{ column }} is not distinct from {{ right }}.{{ column }}
    {%- endfor %}
{%- endmacro %}

{#- A quarter as a number, one higher for each next one. -#}
{% macro quarter_number(quarter) -%}
    4 * cast(substr({{ quarter }}, 1, 4) as integer) + cast(substr({{ quarter }}, 6, 1) as integer)
{%- endmacro %}
