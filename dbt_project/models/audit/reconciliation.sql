{%- set thing -%}
    dataset, indicator, direction, counterpart_code, region_code, period_start, period_end, measurement, unit
{%- endset -%}

with known as (
    select
        *,
        {{ rounding_of('value', 'unit', 'flag', 'raw_text') }} as rounding,
        length(counterpart_code) > 2 as is_group,
        regexp_extract(source_cell, '^(.+![A-Z]+)[0-9]+$', 1) as sheet_column,
        cast(nullif(regexp_extract(source_cell, '^.+![A-Z]+([0-9]+)$', 1), '') as integer) as sheet_row
    from {{ ref('observation') }}
    where known_to is null
),

total as (
    select *
    from known
    where counterpart_code is null and breakdown is null
),

-- In a sheet the countries below a group row belong to it, down to the next group row.
group_row as (
    select
        *,
        lead(sheet_row, 1, 1000000) over (partition by source_file, sheet_column order by sheet_row) as next_row
    from known
    where is_group and sheet_row is not null
),

part_of_total as (
    select
        case
            when part.breakdown is not null then part.breakdown
            when part.is_group then 'group'
            else 'country'
        end as kind,
        part.breakdown_code as code,
        total.*,
        part.value as part_value,
        part.rounding as part_rounding
    from total
    inner join known as part
        on
            total.dataset = part.dataset
            and total.direction is not distinct from part.direction
            and total.region_code is not distinct from part.region_code
            and total.period_start = part.period_start
            and total.period_end = part.period_end
            and total.measurement = part.measurement
            and total.unit = part.unit
            and (total.indicator = part.indicator or part.breakdown = 'locality')
            and (part.counterpart_code is not null or part.breakdown is not null)
    where
        part.counterpart_code is null
        or part.counterpart_code in ('CIS', 'NON_CIS')
        or (not part.is_group and part.counterpart_kind <> 'country')
),

whole_and_parts as (
    select
        case kind
            when 'country' then 'countries are at most the total'
            when 'activity' then 'activities are at most the total'
            when 'permit_category' then 'permit categories are the total'
            when 'locality' then 'urban and rural are the total'
            when 'group' then 'CIS and non-CIS are the total'
            else 'parts by ' || kind || ' are at most the total'
        end as rule,
        {{ thing }},
        max(value) as whole,
        sum(part_value) as parts,
        count(*) as part_count,
        max(rounding) + sum(part_rounding) as tolerance,
        max(source_file) as source_file,
        max(source_cell) as source_cell,
        case kind
            when 'permit_category' then false
            when 'locality' then false
            when 'group' then false
            else true
        end as parts_may_be_less,
        case kind
            when 'permit_category' then count(distinct code) < 6
            when 'locality' then count(*) < 2
            when 'group' then count(*) < 2
            else false
        end as is_missing_parts
    from part_of_total
    group by kind, {{ thing }}

    union all

    select
        'countries below a group are at most the group' as rule,
        group_row.dataset,
        group_row.indicator,
        group_row.direction,
        group_row.counterpart_code,
        group_row.region_code,
        group_row.period_start,
        group_row.period_end,
        group_row.measurement,
        group_row.unit,
        max(group_row.value) as whole,
        sum(part.value) as parts,
        count(*) as part_count,
        max(group_row.rounding) + sum(part.rounding) as tolerance,
        max(group_row.source_file) as source_file,
        max(group_row.source_cell) as source_cell,
        true as parts_may_be_less,
        false as is_missing_parts
    from group_row
    inner join known as part
        on
            group_row.source_file = part.source_file
            and group_row.sheet_column = part.sheet_column
            and group_row.sheet_row < part.sheet_row
            and group_row.next_row > part.sheet_row
            and not part.is_group
    group by all

    union all

    -- A balance against its two flows, of one dataset and of the bureau's two endpoints.
    select
        'arrivals less departures is the balance' as rule,
        balance.dataset,
        balance.indicator,
        balance.direction,
        balance.counterpart_code,
        balance.region_code,
        balance.period_start,
        balance.period_end,
        balance.measurement,
        balance.unit,
        balance.value as whole,
        sum(case when flow.direction = 'arrival' then flow.value else -flow.value end) as parts,
        count(*) as part_count,
        max(balance.rounding) + sum(flow.rounding) as tolerance,
        balance.source_file,
        balance.source_cell,
        false as parts_may_be_less,
        false as is_missing_parts
    from known as balance
    inner join known as flow
        on
            balance.indicator = flow.indicator
            and balance.counterpart_code is not distinct from flow.counterpart_code
            and balance.region_code is not distinct from flow.region_code
            and balance.period_start = flow.period_start
            and balance.period_end = flow.period_end
            and balance.measurement = flow.measurement
            and flow.direction in ('arrival', 'departure')
            and (
                balance.dataset = flow.dataset
                or (
                    balance.dataset = 'statistics_bureau__migration_balance'
                    and flow.dataset = 'statistics_bureau__external_migration'
                )
            )
    where balance.direction = 'net'
    group by all
    having count(*) = 2

    union all

    -- Months against the quarter that the same publication states.
    select
        'months are the quarter' as rule,
        quarter.dataset,
        quarter.indicator,
        quarter.direction,
        quarter.counterpart_code,
        quarter.region_code,
        quarter.period_start,
        quarter.period_end,
        quarter.measurement,
        quarter.unit,
        quarter.value as whole,
        sum(month.value) as parts,
        count(*) as part_count,
        max(quarter.rounding) + sum(month.rounding) as tolerance,
        quarter.source_file,
        quarter.source_cell,
        false as parts_may_be_less,
        false as is_missing_parts
    from known as quarter
    inner join known as month
        on
            quarter.dataset = month.dataset
            and quarter.indicator = month.indicator
            and quarter.direction is not distinct from month.direction
            and quarter.counterpart_code is not distinct from month.counterpart_code
            and quarter.region_code is not distinct from month.region_code
            and quarter.unit = month.unit
            and quarter.measurement = 'flow'
            and month.measurement = 'flow'
            and month.period_end = last_day(month.period_start)
            and month.period_start between quarter.period_start and quarter.period_end
            and quarter.period_end = last_day({{ add_months('quarter.period_start', '2') }})
    where quarter.breakdown is null and month.breakdown is null
    group by all
    having count(*) = 3

    union all

    select
        case
            when breakdown = 'activity' then 'shares of activities are at most 100'
            when region_code is not null then 'shares of regions are at most 100'
            else 'shares of countries are at most 100'
        end as rule,
        dataset,
        indicator,
        direction,
        cast(null as varchar) as counterpart_code,
        cast(null as varchar) as region_code,
        period_start,
        period_end,
        measurement,
        unit,
        100 as whole,
        sum(value) as parts,
        count(*) as part_count,
        sum(rounding) as tolerance,
        min(source_file) as source_file,
        min(source_cell) as source_cell,
        true as parts_may_be_less,
        false as is_missing_parts
    from known
    where unit = 'percent'
    group by
        rule, dataset, indicator, direction, period_start, period_end, measurement, unit
)

select
    compared.rule,
    compared.dataset,
    compared.indicator,
    compared.direction,
    compared.counterpart_code as geography_code,
    compared.region_code,
    compared.period_start,
    compared.period_end,
    compared.measurement,
    compared.unit,
    cast(compared.whole as decimal(24, 9)) as whole,
    cast(compared.parts as decimal(24, 9)) as parts,
    compared.part_count,
    cast(compared.parts - compared.whole as decimal(24, 9)) as difference,
    cast(compared.tolerance as decimal(24, 9)) as tolerance,
    case
        when compared.parts = compared.whole then 'holds'
        when compared.parts_may_be_less and compared.parts < compared.whole then 'holds'
        when compared.is_missing_parts and compared.parts < compared.whole then 'not all parts stated'
        when abs(compared.parts - compared.whole) <= compared.tolerance then 'holds within rounding'
        when exception.reason is not null then 'listed exception'
        else 'broken'
    end as verdict,
    exception.reason,
    compared.source_file,
    compared.source_cell
from whole_and_parts as compared
left join {{ ref('reconciliation_exception') }} as exception
    on
        compared.rule = exception.rule
        and compared.dataset = exception.dataset
        and compared.direction is not distinct from exception.direction
        and compared.counterpart_code is not distinct from exception.geography_code
        and compared.period_end = exception.period_end
        and compared.whole = exception.whole
        and compared.parts = exception.parts
