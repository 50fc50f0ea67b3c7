{#-
  The values known today of some observations, as the facts state them: a total has the code TOTAL, so that keys have no
  empty column. `condition` chooses the observations; `columns` are those of observation that the fact has besides.
-#}
{% macro known_values(condition, columns=[]) -%}
    select
        dataset,
        indicator,
        period_start,
        period_end,
        {{ quarter_of('period_end') }} as quarter,
        {% for column in columns -%}
        {{ column }},
        {% endfor -%}
        case
            when region_code is not null then 'region'
            when counterpart_code is null then 'total'
            when length(counterpart_code) > 2 then 'group'
            else 'country'
        end as geography_kind,
        coalesce(counterpart_code, region_code, 'TOTAL') as geography_code,
        measurement,
        value,
        unit,
        flag,
        obtained_via,
        published_on,
        published_basis,
        known_from,
        known_basis,
        source_file,
        source_cell,
        raw_text
    from {{ ref('observation') }}
    where known_to is null and {{ condition }}
{%- endmacro %}
