{%- set of_register = "dataset = 'border_service__crossing_register'" -%}

-- The letter beside the register is the one that stands first in the seed of headlines.
with stated as (
    select
        *,
        row_number() over (
            partition by quarter, direction, geography_kind, geography_code, {{ of_register }}
            order by is_headline desc, dataset asc
        ) as place
    from {{ ref('quarterly_indicator') }}
    where
        indicator = 'border_crossings'
        and measure = 'value'
        and breakdown is null
        and value is not null
),

paired as (
    select
        quarter,
        direction,
        geography_kind,
        coalesce(geography_code, 'TOTAL') as geography_code,
        {{ figure(of_register) }} as register_value,
        {{ figure('not ' ~ of_register) }} as letter_value,
        {{ figure('not ' ~ of_register, 'dataset') }} as letter_dataset,
        {{ figure('is_headline', 'dataset') }} as headline_dataset
    from stated
    where place = 1
    group by quarter, direction, geography_kind, coalesce(geography_code, 'TOTAL')
)

select
    quarter,
    direction,
    geography_kind,
    geography_code,
    register_value,
    letter_value,
    letter_dataset,
    cast(register_value - letter_value as decimal(24, 9)) as difference,
    {{ divide('100 * (register_value - letter_value)', 'nullif(letter_value, 0)') }} as percent_difference,
    headline_dataset
from paired
where register_value is not null
