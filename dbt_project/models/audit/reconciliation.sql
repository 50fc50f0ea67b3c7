{%- set place = [
    'dataset', 'indicator', 'direction', 'counterpart_code', 'region_code', 'breakdown_code', 'period_start',
    'period_end', 'measurement', 'unit'
] -%}
{%- set operand -%}
    rule.rule_code,
    rule.parts_needed,
    {{ columns_of('whole', place + ['value', 'rounding', 'source_file', 'source_cell']) | trim }},
    part.dataset as parts_dataset,
    part.value as part_value,
    part.rounding as part_rounding
{%- endset -%}
{#- A rule is for the indicator and the dataset that it names, for all where it names none. -#}
{%- set applies -%}
    whole.indicator = coalesce(rule.indicator, whole.indicator)
    and whole.dataset = coalesce(rule.dataset, whole.dataset)
    and part.indicator = coalesce(rule.parts_indicator, whole.indicator)
{%- endset -%}
{%- set signed = "case when part.direction = 'arrival' then part.value else -part.value end" -%}
{%- set one_dataset = 'part.dataset = coalesce(rule.parts_dataset, whole.dataset)' -%}

with rule as (
    select *
    from {{ ref('reconciliation_rule') }}
),

known as (
    select
        *,
        {{ rounding_of('value', 'unit', 'flag', 'raw_text') }} as rounding,
        case
            when breakdown is not null then case when counterpart_code is null then breakdown end
            when length(counterpart_code) > 2 then 'group'
            when counterpart_code is not null then 'country'
            when region_code is not null then 'region'
        end as dimension,
        regexp_extract(source_cell, '^(.+![A-Z]+)[0-9]+$', 1) as sheet_column,
        cast(nullif(regexp_extract(source_cell, '^.+![A-Z]+([0-9]+)$', 1), '') as integer) as sheet_row
    from {{ ref('observation') }}
    where known_to is null
),

-- In a sheet the countries below a group row belong to it, down to the next group row.
group_row as (
    select
        *,
        lead(sheet_row, 1, 1000000) over (partition by source_file, sheet_column order by sheet_row) as next_row
    from known
    where length(counterpart_code) > 2 and sheet_row is not null
),

-- Each stated whole beside each part that a rule holds against it.
operand as (
    select
        {{ operand }},
        coalesce(part.breakdown_code, part.counterpart_code) as part_code
    from known as whole
    inner join known as part
        on {{ is_same('whole', 'part', ['direction', 'region_code'] + place[6:]) | trim }}
    inner join rule
        on
            rule.relation in ('parts_of_whole', 'categories_of_total')
            and rule.fixed_whole is null
            and part.dimension = rule.dimension
            and {{ applies | indent(8) }}
            and {{ one_dataset }}
    where
        whole.counterpart_code is null
        and whole.breakdown is null
        and (part.counterpart_code is null or part.counterpart_kind <> 'country')
        and (part.dimension <> 'group' or part.counterpart_code in ('CIS', 'NON_CIS'))

    union all

    select
        {{ operand }},
        part.counterpart_code as part_code
    from group_row as whole
    inner join known as part
        on
            whole.source_file = part.source_file
            and whole.sheet_column = part.sheet_column
            and whole.sheet_row < part.sheet_row
            and whole.next_row > part.sheet_row
            and part.dimension is distinct from 'group'
    inner join rule
        on
            rule.dimension = 'country_below_group'
            and {{ applies | indent(8) }}

    union all

    -- The parts are two flows: of the dataset itself, or of the one that the rule names.
    select
        {{ operand | replace('part.value', signed) }},
        part.direction as part_code
    from known as whole
    inner join known as part
        on
            whole.direction = 'net'
            and part.direction in ('arrival', 'departure')
            and {{ is_same('whole', 'part', place[3:]) | trim }}
    inner join rule
        on
            rule.relation = 'arrivals_less_departures'
            and {{ applies | indent(8) }}
            and {{ one_dataset }}

    union all

    select
        {{ operand }},
        cast(part.period_start as string) as part_code
    from known as whole
    inner join known as part
        on
            {{ is_same('whole', 'part', place[2:6] + ['measurement', 'unit']) | trim }}
            and whole.measurement = 'flow'
            and whole.period_end = last_day({{ add_months('whole.period_start', '2') }})
            and part.period_end = last_day(part.period_start)
            and part.period_start between whole.period_start and whole.period_end
    inner join rule
        on
            rule.relation = 'months_of_quarter'
            and {{ applies | indent(8) }}
            and {{ one_dataset }}

    union all

    -- Of two datasets the first by name stands for the whole, unless the rule names both.
    select
        {{ operand }},
        part.dataset as part_code
    from known as whole
    inner join known as part
        on {{ is_same('whole', 'part', place[2:]) | trim }}
    inner join rule
        on
            rule.relation = 'two_publishers'
            and {{ applies | indent(8) }}
            and part.dataset = coalesce(rule.parts_dataset, part.dataset)
            and (whole.dataset < part.dataset or whole.dataset <> rule.parts_dataset)
),

compared as (
    select
        rule_code,
        {{ place | join(',\n        ') }},
        parts_dataset,
        max(value) as whole,
        sum(part_value) as parts,
        count(*) as part_count,
        coalesce(max(parts_needed), 0) - count(distinct part_code) as parts_missing,
        max(rounding) + sum(part_rounding) as rounding,
        max(source_file) as source_file,
        max(source_cell) as source_cell
    from operand
    group by rule_code, {{ place | join(', ') }}, parts_dataset

    union all

    -- Shares of one table against the whole that the rule states.
    select
        rule.rule_code,
        part.dataset,
        part.indicator,
        part.direction,
        cast(null as string) as counterpart_code,
        cast(null as string) as region_code,
        cast(null as string) as breakdown_code,
        part.period_start,
        part.period_end,
        part.measurement,
        part.unit,
        part.dataset as parts_dataset,
        max(rule.fixed_whole) as whole,
        sum(part.value) as parts,
        count(*) as part_count,
        0 as parts_missing,
        sum(part.rounding) as rounding,
        min(part.source_file) as source_file,
        min(part.source_cell) as source_cell
    from known as part
    inner join rule
        on
            part.unit = 'percent'
            and rule.fixed_whole is not null
            and rule.dimension = case part.dimension when 'group' then 'country' else part.dimension end
            and part.indicator = coalesce(rule.indicator, part.indicator)
            and part.dataset = coalesce(rule.dataset, part.dataset)
    group by
        rule.rule_code, part.dataset, part.indicator, part.direction, part.period_start, part.period_end,
        part.measurement, part.unit

    union all

    -- What all regions gain from one another is what they lose to one another.
    select
        rule.rule_code,
        flow.dataset,
        flow.indicator,
        'arrival' as direction,
        cast(null as string) as counterpart_code,
        cast(null as string) as region_code,
        cast(null as string) as breakdown_code,
        flow.period_start,
        flow.period_end,
        flow.measurement,
        flow.unit,
        flow.dataset as parts_dataset,
        sum(case when flow.direction = 'arrival' then flow.value end) as whole,
        sum(case when flow.direction = 'departure' then flow.value end) as parts,
        count(case when flow.direction = 'departure' then flow.value end) as part_count,
        abs(sum(case when flow.direction = 'departure' then 1 else -1 end)) as parts_missing,
        sum(flow.rounding) as rounding,
        min(flow.source_file) as source_file,
        min(flow.source_cell) as source_cell
    from known as flow
    inner join rule
        on
            rule.relation = 'mirrored'
            and flow.dimension = rule.dimension
            and flow.direction in ('arrival', 'departure')
            and flow.indicator = coalesce(rule.indicator, flow.indicator)
            and flow.dataset = coalesce(rule.dataset, flow.dataset)
    group by
        rule.rule_code, flow.dataset, flow.indicator, flow.period_start, flow.period_end, flow.measurement, flow.unit
    having count(distinct flow.direction) = 2
)

select
    rule.rule,
    rule.rule_code,
    rule.relation,
    rule.severity,
    compared.dataset,
    compared.parts_dataset,
    compared.indicator,
    compared.direction,
    compared.counterpart_code as geography_code,
    compared.region_code,
    compared.breakdown_code,
    compared.period_start,
    compared.period_end,
    compared.measurement,
    compared.unit,
    cast(compared.whole as decimal(24, 9)) as whole,
    cast(compared.parts as decimal(24, 9)) as parts,
    compared.part_count,
    cast(compared.parts - compared.whole as decimal(24, 9)) as difference,
    cast(case when rule.tolerance = 'rounding' then compared.rounding else 0 end as decimal(24, 9)) as tolerance,
    case
        when compared.parts = compared.whole then 'holds'
        when rule.relation = 'parts_of_whole' and compared.parts < compared.whole then 'holds'
        when compared.parts_missing > 0 and (compared.parts < compared.whole or rule.relation = 'mirrored')
            then 'not all parts stated'
        when rule.tolerance = 'rounding' and abs(compared.parts - compared.whole) <= compared.rounding
            then 'holds within rounding'
        when exception.reason is not null then 'listed exception'
        else 'broken'
    end as verdict,
    exception.reason,
    compared.source_file,
    compared.source_cell
from compared
inner join rule
    on compared.rule_code = rule.rule_code
left join {{ ref('reconciliation_exception') }} as exception
    on
        rule.rule = exception.rule
        and compared.dataset = exception.dataset
        and compared.direction is not distinct from exception.direction
        and compared.counterpart_code is not distinct from exception.geography_code
        and compared.period_end = exception.period_end
        and compared.whole = exception.whole
        and compared.parts = exception.parts
where rule.relation not in ('arrivals_less_departures', 'months_of_quarter') or compared.parts_missing = 0
