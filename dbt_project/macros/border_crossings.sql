{#-
  The staging of a letter on border crossings, the same for both agencies that send one. Purposes other than work have
  no indicator and do not go on.
-#}
{% macro border_crossings(dataset) -%}
with printed as (
    {{ landed_rows(dataset) }}
),

folded as (
    select
        *,
        {{ folded_label('citizenship') }} as citizenship_folded
    from printed
)

select
    '{{ dataset }}' as dataset,
    case folded.purpose
        when 'total' then 'border_crossings'
        when 'work' then 'border_crossings_labour_purpose'
    end as indicator,
    folded.direction,
    case when citizenship.code <> 'TOTAL' then 'citizenship' end as counterpart_kind,
    nullif(citizenship.code, 'TOTAL') as counterpart_code,
    cast(null as string) as region_code,
    cast(null as string) as breakdown,
    cast(null as string) as breakdown_code,
    folded.period_start,
    folded.period_end,
    folded.measurement,
    folded.amount as value,
    folded.unit,
    folded.flag,
    folded.citizenship as citizenship_label,
    citizenship.code as citizenship_code,
    folded.purpose,
    citizenship.code is not null and folded.purpose in ('total', 'work') as is_coded,
    folded.landing_number,
    folded.resource,
    folded.known_from,
    folded.known_basis,
    folded.source_file,
    folded.source_cell,
    folded.raw_text
from folded
{{ alias_join('citizenship', 'country', dataset, 'folded.citizenship_folded') }}
{%- endmacro %}
