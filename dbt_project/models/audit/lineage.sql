{%- set key = [
    'quarter', 'dataset', 'indicator', 'measure', 'direction', 'geography_kind', 'geography_code', 'breakdown',
    'breakdown_code', 'denominator', 'unit', 'figure_unit'
] -%}

with indicator_row as (
    select *
    from {{ ref('quarterly_indicator') }}
    where measure <> 'converted' and indicator <> 'exchange_rate_average'
),

value_row as (
    select *
    from indicator_row
    where measure = 'value'
),

country_row as (
    select *
    from value_row
    where geography_kind = 'country' and breakdown is null
),

-- Which values an indicator row is made of, each with its part in it; sign -1 where it is taken off.
operand as (
    select
        {{ columns_of('indicator_row', key) | trim }},
        indicator_row.direction as of_direction,
        indicator_row.geography_kind as of_kind,
        indicator_row.geography_code as of_code,
        indicator_row.breakdown_code as of_breakdown_code,
        case when indicator_row.measure like 'share%' then 'numerator' else 'part' end as role,
        1 as sign
    from indicator_row
    where indicator_row.measure in ('value', 'share_of_stated', 'share_of_sum')
    union all
    select
        {{ columns_of('indicator_row', key) | trim }},
        indicator_row.direction as of_direction,
        case when indicator_row.denominator = 'TOTAL' then 'total' else 'group' end as of_kind,
        nullif(indicator_row.denominator, 'TOTAL') as of_code,
        cast(null as string) as of_breakdown_code,
        'denominator' as role,
        1 as sign
    from indicator_row
    where indicator_row.measure = 'share_of_stated'
    union all
    select
        {{ columns_of('share', key) | trim }},
        part.direction as of_direction,
        part.geography_kind as of_kind,
        part.geography_code as of_code,
        part.breakdown_code as of_breakdown_code,
        'denominator' as role,
        1 as sign
    from indicator_row as share
    inner join value_row as part
        on
            share.quarter = part.quarter
            and share.dataset = part.dataset
            and share.indicator = part.indicator
            and share.figure_unit = part.unit
            and share.direction is not distinct from part.direction
            and share.geography_kind = part.geography_kind
            and share.breakdown is not distinct from part.breakdown
    where share.measure = 'share_of_sum' and (part.value is not null or share.value is null)
    union all
    select
        {{ columns_of('total', key) | trim }},
        country.direction as of_direction,
        'country' as of_kind,
        country.geography_code as of_code,
        cast(null as string) as of_breakdown_code,
        case when total.measure = 'residual' then 'subtrahend' else 'part' end as role,
        case when total.measure = 'residual' then -1 else 1 end as sign
    from indicator_row as total
    inner join country_row as country
        on
            total.quarter = country.quarter
            and total.dataset = country.dataset
            and total.indicator = country.indicator
            and total.figure_unit = country.unit
            and total.direction is not distinct from country.direction
            and total.geography_code = country.geography_group
            and (country.value is not null or total.value is null)
    where total.measure in ('sum_of_countries', 'residual')
    union all
    select
        {{ columns_of('indicator_row', key) | trim }},
        indicator_row.direction as of_direction,
        'group' as of_kind,
        indicator_row.geography_code as of_code,
        cast(null as string) as of_breakdown_code,
        'part' as role,
        1 as sign
    from indicator_row
    where indicator_row.measure = 'residual'
),

-- A balance that is not stated leads on to arrivals and departures.
leaf as (
    select
        operand.*,
        value_row.method,
        operand.of_direction as leaf_direction,
        operand.sign as leaf_sign
    from operand
    inner join value_row
        on
            operand.quarter = value_row.quarter
            and operand.dataset = value_row.dataset
            and operand.indicator = value_row.indicator
            and operand.figure_unit = value_row.unit
            and operand.of_direction is not distinct from value_row.direction
            and operand.of_kind = value_row.geography_kind
            and operand.of_code is not distinct from value_row.geography_code
            and operand.of_breakdown_code is not distinct from value_row.breakdown_code
    where value_row.method <> 'arrivals less departures'
    union all
    select
        operand.*,
        flow.method,
        flow.direction as leaf_direction,
        case when flow.direction = 'departure' then -operand.sign else operand.sign end as leaf_sign
    from operand
    inner join value_row as balance
        on
            operand.quarter = balance.quarter
            and operand.dataset = balance.dataset
            and operand.indicator = balance.indicator
            and operand.figure_unit = balance.unit
            and operand.of_direction is not distinct from balance.direction
            and operand.of_kind = balance.geography_kind
            and operand.of_code is not distinct from balance.geography_code
            and operand.of_breakdown_code is not distinct from balance.breakdown_code
    inner join value_row as flow
        on
            balance.quarter = flow.quarter
            and balance.dataset = flow.dataset
            and balance.indicator = flow.indicator
            and balance.unit = flow.unit
            and balance.geography_kind = flow.geography_kind
            and balance.geography_code is not distinct from flow.geography_code
            and balance.breakdown is not distinct from flow.breakdown
            and balance.breakdown_code is not distinct from flow.breakdown_code
            and flow.direction in ('arrival', 'departure')
    where balance.method = 'arrivals less departures'
),

input_of_value as (
    select
        {{ columns_of('leaf', key) | trim }},
        input.obtained_via,
        case
            when leaf.role in ('numerator', 'denominator') then leaf.role
            when leaf.leaf_sign * (case when input.role = 'subtrahend' then -1 else 1 end) = 1 then 'part'
            else 'subtrahend'
        end as role,
        leaf.leaf_sign * (case when input.role = 'subtrahend' then -1 else 1 end) as sign,
        input.period_start,
        input.period_end,
        input.value as input_value,
        input.unit as input_unit,
        input.known_from,
        input.known_basis,
        input.source_file,
        input.source_cell,
        input.raw_text,
        input.dataset as input_dataset
    from leaf
    inner join {{ ref('quarterly_input') }} as input
        on
            leaf.quarter = input.quarter
            and leaf.dataset = input.dataset
            and leaf.indicator = input.indicator
            and leaf.figure_unit = input.unit
            and leaf.leaf_direction is not distinct from input.direction
            and leaf.of_kind = input.geography_kind
            and leaf.of_code is not distinct from input.geography_code
            and leaf.of_breakdown_code is not distinct from input.breakdown_code
            and leaf.method = input.method
            and input.known_to is null
    union all
    select
        {{ columns_of('converted', key[:9]) | trim }},
        cast(null as string) as denominator,
        {{ columns_of('converted', key[10:]) | trim }},
        converted.obtained_via,
        converted.role,
        1 as sign,
        converted.period_start,
        converted.period_end,
        converted.value as input_value,
        converted.input_unit,
        converted.known_from,
        converted.known_basis,
        converted.source_file,
        converted.source_cell,
        converted.raw_text,
        converted.input_dataset
    from {{ ref('converted_input') }} as converted
)

select
    input_of_value.quarter,
    input_of_value.indicator,
    input_of_value.measure,
    input_of_value.direction,
    input_of_value.geography_kind,
    input_of_value.geography_code,
    input_of_value.breakdown,
    input_of_value.breakdown_code,
    input_of_value.denominator,
    input_of_value.unit,
    input_of_value.figure_unit,
    input_of_value.dataset,
    input_of_value.obtained_via,
    input_of_value.role,
    input_of_value.sign,
    input_of_value.period_start,
    input_of_value.period_end,
    input_of_value.input_value,
    input_of_value.input_unit,
    input_of_value.known_from,
    input_of_value.known_basis,
    input_of_value.source_file,
    dim_source_file.archive_path,
    dim_source_file.url,
    dim_source_file.publisher,
    input_of_value.source_cell,
    input_of_value.raw_text
from input_of_value
inner join {{ ref('dim_source_file') }} as dim_source_file
    on
        input_of_value.source_file = dim_source_file.source_file
        and input_of_value.input_dataset = dim_source_file.dataset
