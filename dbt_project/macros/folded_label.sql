{#- A label as it is compared: lower case, outer blanks cut, inner blanks folded to one. -#}
{% macro folded_label(column) -%}
    lower(trim(regexp_replace({{ column }}, '\s+', ' ', 'g')))
{%- endmacro %}
