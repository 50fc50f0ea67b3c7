{#- The ways by which rows were obtained, each once, in one text; a row may itself name several. -#}
{% macro joined_ways(column) -%}
    {{ joined_list(
        "array_sort(array_distinct(split(string_agg(" ~ column ~ ", ' and '), ' and ')))", ' and '
    ) }}
{%- endmacro %}
