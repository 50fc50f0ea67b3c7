{#- The date of a text written DD.MM.YYYY. -#}
{% macro day_of(text) -%}
    cast(substr({{ text }}, 7, 4) || '-' || substr({{ text }}, 4, 2) || '-' || substr({{ text }}, 1, 2) as date)
{%- endmacro %}
