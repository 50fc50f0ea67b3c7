{#- The statements of one staging model: its coded rows that carry a value, in the columns of observation. -#}
{% macro statements_of(model_name) -%}
    select
        dataset,
        indicator,
        direction,
        counterpart_kind,
        counterpart_code,
        region_code,
        breakdown,
        breakdown_code,
        period_start,
        period_end,
        measurement,
        value,
        unit,
        flag,
        landing_number,
        resource,
        known_from,
        known_basis,
        source_file,
        source_cell,
        raw_text
    from {{ ref(model_name) }}
    where is_coded and value is not null
{%- endmacro %}
