{%- set key = [
    'quarter', 'dataset', 'indicator', 'direction', 'geography_kind', 'geography_code', 'breakdown', 'breakdown_code',
    'unit'
] -%}
{%- set series = key | join(', ') -%}

-- Each day on which something became known of a quarter of a dataset; the values of the quarter as of that day.
with as_of_day as (
    select distinct
        quarter,
        dataset,
        indicator,
        known_from as as_of
    from {{ ref('quarterly_input') }}
    union
    select distinct
        quarter,
        dataset,
        indicator,
        known_to as as_of
    from {{ ref('quarterly_input') }}
    where known_to is not null
),

input_as_of as (
    select
        as_of_day.as_of,
        input.*,
        {{ correction_of('input.flag') }} as correction,
        max(input.known_from) over (
            partition by
                as_of_day.as_of,
                {{ columns_of('input', key) | trim }}
        ) as latest_known_from
    from as_of_day
    inner join {{ ref('quarterly_input') }} as input
        on
            as_of_day.quarter = input.quarter
            and as_of_day.dataset = input.dataset
            and as_of_day.indicator = input.indicator
            and as_of_day.as_of >= input.known_from
            and (input.known_to is null or as_of_day.as_of < input.known_to)
),

by_method as (
    select
        as_of,
        {{ series }},
        max(case when method = 'stated' then value end) as stated,
        sum(case when method = 'months' then value end) as months_sum,
        count(case when method = 'months' then value end) as months_known,
        max(case when method = 'cumulative' and role = 'part' then value end) as minuend,
        max(case when method = 'cumulative' and role = 'subtrahend' then value end) as subtrahend,
        max(case when method = 'stock' then value end) as stock,
        max(case when method = 'cumulative' and role = 'part' then known_from end) as minuend_from,
        max(case when method = 'cumulative' and role = 'subtrahend' and is_revision then known_from end)
            as subtrahend_revised_from,
        bool_or(is_restated and role = 'part') as minuend_restated,
        bool_or(is_restated and role = 'subtrahend') as subtrahend_restated,
        max(case when flag like 'rounded%' then 'rounded' end) as rounded,
        max(case when flag like '%imputed by the publisher%' then 'imputed by the publisher' end) as imputed,
        {{ joined_once('correction', '; ') }} as correction,
        {{ joined_once('obtained_via', ' and ') }} as obtained_via,
        max(known_from) as known_from,
        min(case when known_from = latest_known_from then known_basis end) as known_basis
    from input_as_of
    group by as_of, {{ series }}
),

chosen as (
    select
        *,
        case
            when stated is not null then 'stated'
            when months_known = 3 then 'months'
            when stock is not null then 'stock'
            when minuend is not null then 'cumulative'
            when months_known > 0 then 'months'
        end as method
    from by_method
)

select
    as_of,
    {{ series }},
    method,
    cast(
        case method
            when 'stated' then stated
            when 'months' then case when months_known = 3 then months_sum end
            when 'stock' then stock
            when 'cumulative' then minuend - subtrahend
        end as decimal(24, 9)
    ) as value,
    cast(
        case when method = 'stated' and quarter like '%Q1' then stated else minuend end as decimal(24, 9)
    ) as year_to_date,
    case method
        when 'months' then cast(months_known as string) || ' of 3'
        when 'cumulative' then case when subtrahend is null then '1 of 2' else '2 of 2' end
        else '1 of 1'
    end as coverage,
    nullif(
        concat_ws(
            '; ',
            case when method = 'months' and months_known < 3 then 'month missing' end,
            case
                when method = 'cumulative' and subtrahend is null
                    then 'not published for the quarter: only since January'
            end,
            case
                when method = 'cumulative' and minuend < subtrahend and direction is distinct from 'net'
                    then 'negative flow'
            end,
            case
                when method = 'cumulative' and subtrahend_revised_from > minuend_from
                    then 'quarter before revised later'
            end,
            case
                when method = 'cumulative' and subtrahend is not null and minuend_restated and not subtrahend_restated
                    then 'a restated figure less one of an earlier release'
            end,
            rounded,
            imputed,
            correction
        ),
        ''
    ) as flag,
    obtained_via,
    known_from,
    known_basis
from chosen
where method is not null
