{%- set series = [
    'quarter', 'dataset', 'indicator', 'direction', 'geography_kind', 'geography_code', 'breakdown', 'breakdown_code',
    'measure', 'unit', 'figure_unit', 'method'
] -%}
{%- set rate_columns -%}
    quarter, currency, dataset, indicator, obtained_via, period_start, period_end, value, unit, known_from, known_basis,
    source_file, source_cell, raw_text
{%- endset -%}
{%- set stated -%}
    input.dataset as input_dataset,
    input.obtained_via,
    input.period_start,
    input.period_end,
    input.value,
    input.unit as input_unit,
    input.known_from,
    input.known_basis,
    input.source_file,
    input.source_cell,
    input.raw_text
{%- endset -%}

with value_row as (
    select *
    from {{ ref('quarterly_indicator') }}
    where measure = 'converted' or (measure = 'value' and indicator = 'exchange_rate_average')
),

rate as (
    select
        *,
        breakdown_code as currency,
        {{ quarter_of('period_start') }} as quarter
    from {{ ref('observation') }}
    where known_to is null and indicator in ('exchange_rate', 'exchange_rate_average')
),

-- The rates that a month is converted with: the weekdays of its mean, or the average that form 33 states.
rate_of_month as (
    select
        rate.*
    from rate
    inner join {{ ref('fct_monthly_exchange_rates') }} as monthly_rate
        on
            cast(date_trunc('month', rate.period_start) as date) = monthly_rate.month_start
            and rate.currency = monthly_rate.currency
            and (
                (
                    rate.indicator = 'exchange_rate'
                    and monthly_rate.conversion_basis = 'mean of weekdays'
                    and {{ is_weekday('rate.period_start') }}
                )
                or (
                    rate.indicator = 'exchange_rate_average'
                    and monthly_rate.conversion_basis = 'average stated in form 33'
                    and rate.period_end = last_day(rate.period_start)
                )
            )
),

rate_of_quarter as (
    select
        'stated' as average_method,
        {{ rate_columns }}
    from rate
    where
        indicator = 'exchange_rate_average'
        and period_end = last_day({{ add_months('period_start', '2') }})
    union all
    select
        'mean of weekdays' as average_method,
        {{ rate_columns }}
    from rate
    where indicator = 'exchange_rate' and {{ is_weekday('period_start') }}
    union all
    select
        'mean of months' as average_method,
        {{ rate_columns }}
    from rate_of_month
),

tenge as (
    select *
    from {{ ref('quarterly_input') }}
    where unit = 'mln KZT' and known_to is null
)

select
    {{ columns_of('value_row', series) | trim }},
    'part' as role,
    {{ stated }}
from value_row
inner join rate_of_quarter as input
    on
        value_row.quarter = input.quarter
        and value_row.breakdown_code = input.currency
        and value_row.method = input.average_method
where value_row.indicator = 'exchange_rate_average'
union all
select
    {{ columns_of('value_row', series) | trim }},
    'part' as role,
    {{ stated }}
from value_row
inner join tenge as input
    on
        {{ is_same('value_row', 'input', series[:8]) | trim }}
        and input.method = case value_row.method when 'months converted' then 'months' else 'stated' end
where value_row.measure = 'converted'
union all
select
    {{ columns_of('value_row', series) | trim }},
    'rate' as role,
    {{ stated }}
from value_row
inner join rate_of_month as input
    on
        value_row.quarter = input.quarter
        and input.currency = 'USD'
where value_row.method = 'months converted'
union all
select
    {{ columns_of('value_row', series) | trim }},
    'rate' as role,
    {{ stated }}
from value_row
inner join value_row as average
    on
        value_row.quarter = average.quarter
        and average.is_headline
        and average.unit = 'KZT per USD'
inner join rate_of_quarter as input
    on
        value_row.quarter = input.quarter
        and input.currency = 'USD'
        and average.method = input.average_method
where value_row.method = 'quarter converted'
