{%- set columns -%}
    value.quarter,
    value.indicator,
    value.direction,
    value.geography_kind,
    value.geography_code,
    value.breakdown,
    value.breakdown_code,
    value.unit,
    value.dataset,
    value.obtained_via,
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
{%- endset -%}

with value as (
    select *
    from {{ ref('quarterly_indicator') }}
    where measure = 'value' and (unit = 'mln USD' or indicator = 'exchange_rate_average')
),

input as (
    select
        *,
        {{ quarter_of('period_start') }} as quarter
    from {{ ref('observation') }}
    where known_to is null
),

-- Rates that a month was converted with: the weekdays of its mean, or the average that form 33 states.
conversion_input as (
    select input.*
    from input
    inner join {{ ref('fct_monthly_exchange_rates') }} as monthly_rate
        on
            cast(date_trunc('month', input.period_start) as date) = monthly_rate.month_start
            and input.breakdown_code = monthly_rate.currency
            and (
                (
                    input.indicator = 'exchange_rate'
                    and monthly_rate.conversion_basis = 'mean of weekdays'
                    and {{ is_weekday('input.period_start') }}
                )
                or (
                    input.indicator = 'exchange_rate_average'
                    and monthly_rate.conversion_basis = 'average stated in form 33'
                    and input.period_end = last_day(input.period_start)
                )
            )
),

part_of_flow as (
    select
        {{ columns }},
        'part' as role
    from value
    inner join input
        on
            value.dataset = input.dataset
            and value.indicator = input.indicator
            and value.quarter = input.quarter
            and value.direction is not distinct from input.direction
            and value.geography_code is not distinct from coalesce(input.counterpart_code, input.region_code)
            and value.breakdown is not distinct from input.breakdown
            and value.breakdown_code is not distinct from input.breakdown_code
    where
        input.measurement = 'flow' and value.indicator <> 'exchange_rate_average' and value.method = 'months converted'
),

rate_of_flow as (
    select
        {{ columns }},
        'rate' as role
    from value
    inner join conversion_input as input
        on
            value.quarter = input.quarter
            and input.breakdown_code = 'USD'
    where value.method = 'months converted'
),

-- The average that the bank states for the quarter, the days of its mean, or the rates of its months.
part_of_average_rate as (
    select
        {{ columns }},
        'part' as role
    from value
    inner join input
        on
            value.quarter = input.quarter
            and value.breakdown_code = input.breakdown_code
    where
        value.indicator = 'exchange_rate_average'
        and case coalesce(value.flag, '')
            when 'average stated in form 33'
                then
                    input.indicator = 'exchange_rate_average'
                    and input.period_end = last_day({{ add_months('input.period_start', '2') }})
            else input.indicator = 'exchange_rate' and {{ is_weekday('input.period_start') }}
        end
        and coalesce(value.flag, '') <> 'mean of months, some stated in form 33'
    union all
    select
        {{ columns }},
        'part' as role
    from value
    inner join conversion_input as input
        on
            value.quarter = input.quarter
            and value.breakdown_code = input.breakdown_code
    where
        value.indicator = 'exchange_rate_average'
        and value.flag = 'mean of months, some stated in form 33'
)

select * from part_of_flow
union all
select * from rate_of_flow
union all
select * from part_of_average_rate
