{#- A value at its printed precision, rounded half away from nought; decimals are 0, 1 or 2. -#}
{% macro printed(value, decimals) -%}
    cast(
        case {{ decimals }} when 0 then round({{ value }}, 0) when 1 then round({{ value }}, 1) else round({{ value }}, 2) end
        as decimal(24, 9)
    )
{%- endmacro %}
