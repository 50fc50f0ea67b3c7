{%- set key -%}
    dataset, indicator, direction, counterpart_kind, counterpart_code, region_code, breakdown, breakdown_code,
    period_start, period_end, measurement
{%- endset -%}

-- Every dataset has one line here.
with statement as (
    {{ statements_of('stg_national_bank__money_transfers') }}
    union all
    {{ statements_of('stg_national_bank__exchange_rates') }}
    union all
    {{ statements_of('stg_national_bank__average_exchange_rates') }}
),

answer as (
    select distinct dataset, resource, landing_number, known_from
    from {{ ref('landed_file') }}
    where is_last_of_day
),

ordered_answer as (
    select
        landing_number,
        row_number() over (order by known_from, landing_number) as known_order,
        lead(known_from) over (
            partition by dataset, resource order by known_from, landing_number
        ) as next_answer_from
    from answer
),

-- A value is known until the next answer of its resource leaves it out, or any answer states another.
stated as (
    select
        statement.*,
        ordered_answer.known_order,
        ordered_answer.next_answer_from,
        lag(statement.value) over (partition by {{ key }} order by ordered_answer.known_order) as previous_value,
        lag(ordered_answer.next_answer_from) over (
            partition by {{ key }} order by ordered_answer.known_order
        ) as previous_until,
        lead(statement.known_from) over (
            partition by {{ key }} order by ordered_answer.known_order
        ) as next_stated_from
    from statement
    inner join ordered_answer
        on statement.landing_number = ordered_answer.landing_number
),

marked as (
    select
        *,
        case
            when value = previous_value and coalesce(previous_until >= known_from, true) then 0
            else 1
        end as is_new_value,
        case
            when next_stated_from < next_answer_from then next_stated_from
            else coalesce(next_answer_from, next_stated_from)
        end as stated_until
    from stated
),

spelled as (
    select
        *,
        sum(is_new_value) over (
            partition by {{ key }} order by known_order rows unbounded preceding
        ) as spell
    from marked
),

ended as (
    select
        *,
        last_value(stated_until) over (
            partition by {{ key }}, spell order by known_order
            rows between unbounded preceding and unbounded following
        ) as known_to
    from spelled
)

select
    ended.dataset,
    dataset.obtained_via,
    ended.indicator,
    ended.direction,
    ended.counterpart_kind,
    ended.counterpart_code,
    ended.region_code,
    ended.breakdown,
    ended.breakdown_code,
    ended.period_start,
    ended.period_end,
    ended.measurement,
    ended.value,
    ended.unit,
    ended.flag,
    ended.known_from,
    ended.known_to,
    ended.known_basis,
    ended.source_file,
    ended.source_cell,
    ended.raw_text
from ended
left join {{ source('raw', 'dataset') }} as dataset
    on ended.dataset = dataset.dataset
where
    ended.is_new_value = 1
    and (ended.known_to is null or ended.known_from < ended.known_to)
