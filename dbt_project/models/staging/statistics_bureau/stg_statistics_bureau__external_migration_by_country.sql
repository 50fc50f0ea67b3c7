{%- set dataset = 'statistics_bureau__external_migration_by_country' -%}

with printed as (
    {{ landed_rows(dataset) }}
),

folded as (
    select
        *,
        {{ folded_label('country') }} as country_folded
    from printed
),

-- Of two files known from the same day the one that stands later among the pages counts, if it has a figure.
numbered as (
    select
        *,
        row_number() over (
            partition by
                landing_number, country_folded, direction, age, period_start, period_end, measurement, known_from
            order by amount is null, page desc
        ) as preference
    from folded
)

select
    '{{ dataset }}' as dataset,
    case numbered.age
        when 'total' then 'permanent_migration'
        when 'under_18' then 'permanent_migration_children_under_18'
    end as indicator,
    numbered.direction,
    case when country.code <> 'TOTAL' then 'country of previous or next residence' end as counterpart_kind,
    nullif(country.code, 'TOTAL') as counterpart_code,
    cast(null as varchar) as region_code,
    cast(null as varchar) as breakdown,
    cast(null as varchar) as breakdown_code,
    numbered.period_start,
    numbered.period_end,
    numbered.measurement,
    numbered.amount as value,
    numbered.unit,
    numbered.flag,
    numbered.country as country_label,
    country.code as country_code,
    numbered.age,
    numbered.publication,
    country.code is not null as is_coded,
    numbered.landing_number,
    numbered.resource,
    numbered.known_from,
    numbered.known_basis,
    numbered.source_file,
    numbered.source_cell,
    numbered.raw_text
from numbered
{{ alias_join('country', 'country', dataset, 'numbered.country_folded') }}
where numbered.preference = 1
