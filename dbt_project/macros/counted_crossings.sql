{#- The crossings of a month and direction in the files that counted between two days: of a citizenship, or all. -#}
{% macro counted_crossings(indicator, citizenship, condition='true') -%}
    select
        '{{ indicator }}' as indicator,
        counted.month,
        counted.direction,
        {{ citizenship }} as citizenship_code,
        version.known_from,
        version.known_to,
        sum(counted.crossings) as crossings,
        sum(case when version.file_month > counted.month then counted.crossings else 0 end) as late_crossings
    from {{ ref('crossing_register_count') }} as counted
    inner join {{ ref('crossing_register_version') }} as version
        on counted.file_key = version.file_key
    where counted.is_coded and {{ condition }}
    group by counted.month, counted.direction, {{ citizenship }}, version.known_from, version.known_to
{%- endmacro %}
