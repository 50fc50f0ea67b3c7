{#- The texts of a list in one. -#}
{% macro joined_list(list, between) -%}
    {{ adapter.dispatch('joined_list')(list, between) }}
{%- endmacro %}

{% macro duckdb__joined_list(list, between) -%}
    array_to_string({{ list }}, '{{ between }}')
{%- endmacro %}

{% macro spark__joined_list(list, between) -%}
    array_join({{ list }}, '{{ between }}')
{%- endmacro %}

{#- A list of what an expression makes of each element, which goes by `name` in it. -#}
{% macro each_of(list, name, expression) -%}
    {{ adapter.dispatch('each_of')(list, name, expression) }}
{%- endmacro %}

{% macro duckdb__each_of(list, name, expression) -%}
    list_transform({{ list }}, lambda {{ name }}: {{ expression }})
{%- endmacro %}

{% macro spark__each_of(list, name, expression) -%}
    transform({{ list }}, {{ name }} -> {{ expression }})
{%- endmacro %}
