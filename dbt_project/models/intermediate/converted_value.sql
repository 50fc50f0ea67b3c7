{%- set series = [
    'dataset', 'indicator', 'direction', 'geography_kind', 'geography_code', 'breakdown', 'breakdown_code'
] -%}

with monthly_rate as (
    select * from {{ ref('monthly_exchange_rate') }}
),

quarterly_rate as (
    select * from {{ ref('quarterly_exchange_rate') }}
),

average_rate as (
    select
        as_of,
        quarter,
        'national_bank__exchange_rates' as dataset,
        currency,
        'mean of weekdays' as method,
        mean_of_weekdays as value,
        cast(weekdays_known as string) || ' of ' || cast(weekdays as string) as coverage,
        case when mean_of_weekdays is null then uncovered_reason end as flag,
        known_from
    from quarterly_rate
    where weekdays_known > 0
    union all
    select
        as_of,
        quarter,
        'national_bank__average_exchange_rates' as dataset,
        currency,
        case when stated_rate is null then 'mean of months' else 'stated' end as method,
        coalesce(stated_rate, mean_of_months) as value,
        case when stated_rate is null then cast(months_with_rate as string) || ' of 3' else '1 of 1' end as coverage,
        case
            when stated_rate is not null then 'average stated in form 33'
            when mean_of_months is not null then 'mean of months, some stated in form 33'
            else reason
        end as flag,
        known_from
    from quarterly_rate
    where stated_rate is not null or months_stated > 0
),

tenge as (
    select
        input.*,
        quarterly_rate.as_of,
        coalesce(quarterly_rate.stated_rate, quarterly_rate.mean_of_months, quarterly_rate.mean_of_weekdays)
            as conversion_rate,
        quarterly_rate.reason,
        quarterly_rate.known_from as rate_known_from
    from {{ ref('quarterly_input') }} as input
    inner join quarterly_rate
        on
            input.quarter = quarterly_rate.quarter
            and quarterly_rate.currency = 'USD'
            and input.known_from <= quarterly_rate.as_of
            and (input.known_to is null or input.known_to > quarterly_rate.as_of)
    where input.unit = 'mln KZT' and input.method in ('months', 'stated')
),

-- A month at the rate of the month, a stated quarter at the rate of the quarter.
converted as (
    select
        tenge.as_of,
        tenge.quarter,
        {{ columns_of('tenge', series) | trim }},
        'months converted' as method,
        3 as parts,
        extract(month from tenge.period_start) % 3 as month_of_quarter,
        {{ divide('tenge.value', 'monthly_rate.conversion_rate') }} as value,
        case when monthly_rate.conversion_rate is null then monthly_rate.uncovered_reason end as reason,
        tenge.flag,
        tenge.obtained_via,
        tenge.known_from,
        tenge.known_basis,
        monthly_rate.known_from as rate_known_from
    from tenge
    inner join monthly_rate
        on
            tenge.period_start = monthly_rate.month_start
            and tenge.as_of = monthly_rate.as_of
            and monthly_rate.currency = 'USD'
    where tenge.method = 'months'
    union all
    select
        tenge.as_of,
        tenge.quarter,
        {{ columns_of('tenge', series) | trim }},
        'quarter converted' as method,
        1 as parts,
        1 as month_of_quarter,
        {{ divide('tenge.value', 'tenge.conversion_rate') }} as value,
        case when tenge.conversion_rate is null then tenge.reason end as reason,
        tenge.flag,
        tenge.obtained_via,
        tenge.known_from,
        tenge.known_basis,
        tenge.rate_known_from
    from tenge
    where tenge.method = 'stated'
),

with_latest as (
    select
        *,
        {{ correction_of('flag') }} as correction,
        max(known_from) over (
            partition by as_of, quarter, method, {{ series | join(', ') }}
        ) as latest_known_from
    from converted
),

quarter_in_dollars as (
    select
        as_of,
        quarter,
        {{ series | join(',\n        ') }},
        method,
        cast(case when count(value) = parts then sum(value) end as decimal(24, 9)) as value,
        cast(count(value) as string) || ' of ' || cast(parts as string) as coverage,
        nullif(
            concat_ws(
                '; ',
                case when count(*) < parts then 'month missing' end,
                max(case when month_of_quarter = 1 then reason end),
                max(case when month_of_quarter = 2 then reason end),
                max(case when month_of_quarter = 0 then reason end),
                max(case when flag like 'rounded%' then 'rounded' end),
                {{ joined_once('correction', '; ') }}
            ),
            ''
        ) as flag,
        {{ joined_once('obtained_via', ' and ') }} as obtained_via,
        max(known_from) as known_from,
        case
            when max(rate_known_from) > max(known_from) then 'latest of its rates'
            else min(case when known_from = latest_known_from then known_basis end)
        end as known_basis,
        row_number() over (
            partition by as_of, quarter, {{ series | join(', ') }}
            order by case when count(value) = parts then 0 when count(*) = parts then 1 else 2 end, parts desc
        ) as precedence
    from with_latest
    group by as_of, quarter, {{ series | join(', ') }}, method, parts
)

select
    as_of,
    quarter,
    {{ series | join(',\n    ') }},
    'mln USD' as unit,
    method,
    value,
    cast(null as decimal(24, 9)) as year_to_date,
    coverage,
    flag,
    obtained_via,
    known_from,
    known_basis
from quarter_in_dollars
where precedence = 1
union all
select
    average_rate.as_of,
    average_rate.quarter,
    average_rate.dataset,
    'exchange_rate_average' as indicator,
    cast(null as string) as direction,
    'total' as geography_kind,
    cast(null as string) as geography_code,
    'currency' as breakdown,
    average_rate.currency as breakdown_code,
    'KZT per ' || average_rate.currency as unit,
    average_rate.method,
    average_rate.value,
    cast(null as decimal(24, 9)) as year_to_date,
    average_rate.coverage,
    average_rate.flag,
    dim_dataset.obtained_via,
    average_rate.known_from,
    'latest of its rates' as known_basis
from average_rate
inner join {{ ref('dim_dataset') }} as dim_dataset
    on average_rate.dataset = dim_dataset.dataset
