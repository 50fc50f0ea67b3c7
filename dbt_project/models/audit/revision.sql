{%- set thing -%}
    dataset, indicator, direction, counterpart_kind, counterpart_code, region_code, breakdown, breakdown_code,
    period_start, period_end, measurement, unit
{%- endset -%}

with ordered as (
    select
        *,
        row_number() over (
            partition by {{ thing }} order by known_to nulls last, known_from, source_file, source_cell
        ) as value_number,
        count(*) over (partition by {{ thing }}) as value_count
    from {{ ref('observation') }}
),

numbered as (
    select
        *,
        value_count - value_number + 1 as value_back
    from ordered
)

select
    {{ thing }},
    max(case when value_number = 1 then value end) as first_value,
    max(case when value_number = 1 then known_from end) as first_known_from,
    max(case when value_number = 1 then known_basis end) as first_known_basis,
    max(case when value_back = 1 then value end) as latest_value,
    max(case when value_back = 1 then known_from end) as latest_known_from,
    max(case when value_back = 1 then known_basis end) as latest_known_basis,
    count(*) - 1 as revisions,
    cast(
        max(case when value_back = 1 then value end) - max(case when value_number = 1 then value end) as decimal(24, 9)
    ) as revised_by,
    max(case when value_back = 1 then source_file end) as source_file,
    max(case when value_back = 1 then source_cell end) as source_cell
from numbered
group by {{ thing }}
having count(*) > 1
