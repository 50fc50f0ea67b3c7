{#- The crossings of a month and direction in each file of the register: of one citizenship, or in all. -#}
{% macro counted_crossings(indicator, citizenship, condition='true') -%}
    select
        '{{ indicator }}' as indicator,
        month,
        direction,
        {{ citizenship }} as citizenship_code,
        landing_number,
        known_from,
        known_to,
        next_landing_number,
        sum(crossings) as crossings
    from {{ ref('crossing_register_count') }}
    where is_coded and {{ condition }}
    group by month, direction, {{ citizenship }}, landing_number, known_from, known_to, next_landing_number
{%- endmacro %}
