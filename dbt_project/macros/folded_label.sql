{#- A label as it is compared: lower case, outer blanks cut, inner blanks folded to one. -#}
{% macro folded_label(column) -%}
    {{ return(adapter.dispatch('folded_label')(column)) }}
{%- endmacro %}

{% macro default__folded_label(column) -%}
    lower(trim(regexp_replace({{ column }}, '\s+', ' ', 'g')))
{%- endmacro %}
