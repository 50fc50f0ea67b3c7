{#- Two texts in one, such as flags or ways; what one says already is not said again. -#}
{% macro joined_flags(first, second, between='; ') -%}
    case
        when {{ first }} is null or instr({{ second }}, {{ first }}) > 0 then {{ second }}
        when {{ second }} is null or instr({{ first }}, {{ second }}) > 0 then {{ first }}
        else {{ first }} || '{{ between }}' || {{ second }}
    end
{%- endmacro %}
