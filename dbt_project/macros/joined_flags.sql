{#- Two texts in one, such as flags or ways; what one says already is not said again. -#}
{% macro joined_flags(first, second, between='; ') -%}
    case
        when {{ first }} is null or strpos({{ second }}, {{ first }}) > 0 then {{ second }}
        when {{ second }} is null or strpos({{ first }}, {{ second }}) > 0 then {{ first }}
        else {{ first }} || '{{ between }}' || {{ second }}
    end
{%- endmacro %}
