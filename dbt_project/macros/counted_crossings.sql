{#- The crossings of a month and direction in the files that counted between two days: of a citizenship, or all. -#}
{% macro counted_crossings(indicator, citizenship, condition='true') -%}
    select
        '{{ indicator }}' as indicator,
        month,
        direction,
        {{ citizenship }} as citizenship_code,
        known_from,
        known_to,
        sum(crossings) as crossings,
        sum(case when file_month > month then crossings else 0 end) as late_crossings
    from {{ ref('crossing_register_count') }}
    where is_coded and {{ condition }}
    group by month, direction, {{ citizenship }}, known_from, known_to
{%- endmacro %}
