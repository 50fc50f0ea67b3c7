{#- The rows of a raw table that count, each with its landing: of two answers of one day only the last. -#}
{% macro landed_rows(dataset) -%}
    select
        raw.*,
        landed_file.landing_number,
        landed_file.resource,
        landed_file.page,
        landed_file.known_from,
        landed_file.known_basis
    from {{ source('raw', dataset) }} as raw
    inner join {{ ref('landed_file') }} as landed_file
        on raw.source_file = landed_file.source_file
    where
        landed_file.dataset = '{{ dataset }}'
        and landed_file.is_last_of_day
{%- endmacro %}
