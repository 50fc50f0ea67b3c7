{#- Two flags in one, what one says already not said again. -#}
{% macro joined_flags(first, second) -%}
    case
        when {{ first }} is null or strpos({{ second }}, {{ first }}) > 0 then {{ second }}
        when {{ second }} is null or strpos({{ first }}, {{ second }}) > 0 then {{ first }}
        else {{ first }} || '; ' || {{ second }}
    end
{%- endmacro %}
