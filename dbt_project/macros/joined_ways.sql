{#- The ways by which rows were obtained, each once, in one text; a row may itself name several. -#}
{% macro joined_ways(column) -%}
    array_to_string(list_sort(list_distinct(string_split(string_agg({{ column }}, ' and '), ' and '))), ' and ')
{%- endmacro %}
