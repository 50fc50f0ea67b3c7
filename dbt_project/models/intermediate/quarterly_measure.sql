{%- set place = 'as_of, quarter, dataset, indicator, unit' -%}
{%- set ranked = place ~ ', measure, direction, geography_kind, breakdown, is_ranked' -%}
{%- set columns -%}
    as_of, quarter, dataset, indicator, direction, geography_kind, geography_code, geography_group, breakdown,
    breakdown_code, unit, coverage, obtained_via, known_from, known_basis
{%- endset -%}

-- A country that goes from one group to the other is a change of both.
with known_value as (
    select
        *,
        {{ correction_of('flag') }} as correction,
        nullif(regexp_replace(flag, '(?s)(; )?corrected: .*$', ''), '') as uncorrected_flag,
        bool_or(is_changing_group) over (partition by {{ place }}, direction) as is_change_inside
    from {{ ref('quarterly_figure') }}
),

group_sum as (
    select
        {{ place }},
        direction,
        'group' as geography_kind,
        geography_group as geography_code,
        cast(null as string) as geography_group,
        cast(null as string) as breakdown,
        cast(null as string) as breakdown_code,
        cast(sum(value) as decimal(24, 9)) as value,
        cast(sum(year_to_date) as decimal(24, 9)) as year_to_date,
        case
            when count(value) = 0 then cast(count(year_to_date) as string) || ' countries stated since January'
            else cast(count(value) as string) || ' countries stated'
        end as coverage,
        nullif(
            concat_ws(
                '; ',
                case when bool_or(is_change_inside) then 'membership changed inside the quarter' end,
                case
                    when count(value) > 0 and count(year_to_date) > 0 and count(value) <> count(year_to_date)
                        then 'the sum since January is of other countries'
                end,
                coalesce(
                    max(case when value is not null then uncorrected_flag end),
                    case when count(value) = 0 then max(uncorrected_flag) end
                ),
                {{ joined_once('correction', '; ') }}
            ),
            ''
        ) as flag,
        {{ joined_ways('obtained_via') }} as obtained_via,
        max(known_from) as known_from,
        max(known_basis) as known_basis
    from known_value
    where
        geography_kind = 'country'
        and (value is not null or year_to_date is not null)
        and breakdown is null
        and unit in ('persons', 'mln KZT')
        and direction is not null
    group by {{ place }}, direction, geography_group
),

whole as (
    select *
    from known_value
    where geography_kind in ('total', 'group') and breakdown is null
),

residual as (
    select
        group_sum.*,
        whole.value as whole_value,
        whole.year_to_date as whole_year_to_date,
        whole.flag as whole_flag
    from group_sum
    inner join whole
        on
            group_sum.as_of = whole.as_of
            and group_sum.quarter = whole.quarter
            and group_sum.dataset = whole.dataset
            and group_sum.indicator = whole.indicator
            and group_sum.unit = whole.unit
            and group_sum.direction = whole.direction
            and group_sum.geography_code = whole.geography_code
    where
        group_sum.direction <> 'net'
        and (
            (whole.value is not null and group_sum.value is not null)
            or (whole.year_to_date is not null and group_sum.year_to_date is not null)
        )
),

-- Each part with the wholes that a share of it may be taken of.
part as (
    select
        known_value.*,
        coalesce(whole.geography_code, 'TOTAL') as denominator,
        whole.value as denominator_value,
        case when whole.value is not null then known_value.value end as part_value,
        case when whole.year_to_date is not null then known_value.year_to_date end as part_year_to_date,
        whole.year_to_date as denominator_year_to_date,
        whole.flag as denominator_flag
    from known_value
    inner join whole
        on
            known_value.as_of = whole.as_of
            and known_value.quarter = whole.quarter
            and known_value.dataset = whole.dataset
            and known_value.indicator = whole.indicator
            and known_value.unit = whole.unit
            and known_value.direction is not distinct from whole.direction
            and (whole.geography_kind = 'total' or known_value.geography_group = whole.geography_code)
    where
        (
            (known_value.value is not null and whole.value is not null)
            or (known_value.year_to_date is not null and whole.year_to_date is not null)
        )
        and known_value.unit not in ('percent', 'mln USD')
        and known_value.direction is distinct from 'net'
        and (known_value.geography_kind <> 'total' or known_value.breakdown is not null)
),

part_sum as (
    select
        *,
        cast(
            sum(part_value) over (
                partition by {{ place }}, direction, geography_kind, breakdown, denominator
            ) as decimal(24, 9)
        ) as sum_of_parts,
        count(part_value) over (
            partition by {{ place }}, direction, geography_kind, breakdown, denominator
        ) as parts_stated,
        cast(
            sum(part_year_to_date) over (
                partition by {{ place }}, direction, geography_kind, breakdown, denominator
            ) as decimal(24, 9)
        ) as sum_since_january
    from part
    where denominator = 'TOTAL' and geography_kind <> 'group'
),

measure as (
    select
        case when method in ('months converted', 'quarter converted') then 'converted' else 'value' end as measure,
        cast(null as string) as denominator,
        {{ columns }},
        unit as measure_unit,
        method,
        value,
        year_to_date,
        flag
    from known_value
    union all
    select
        'share_of_stated' as measure,
        denominator,
        {{ columns }},
        'percent' as measure_unit,
        'share' as method,
        {{ divide('100 * part_value', 'denominator_value') }} as value,
        {{ divide('100 * part_year_to_date', 'denominator_year_to_date') }} as year_to_date,
        case
            when part_value is not null and denominator_value = 0 then 'denominator is zero'
            else
                nullif(
                    concat_ws(
                        '; ',
                        case when is_changing_group then 'membership changed inside the quarter' end,
                        case when part_value > denominator_value then 'above 100 per cent' end,
                        flag,
                        case when denominator_flag is distinct from flag then 'denominator ' || denominator_flag end
                    ),
                    ''
                )
        end as flag
    from part
    union all
    select
        'share_of_sum' as measure,
        'SUM' as denominator,
        {{ columns }},
        'percent' as measure_unit,
        'share' as method,
        {{ divide('100 * part_value', 'sum_of_parts') }} as value,
        {{ divide('100 * part_year_to_date', 'sum_since_january') }} as year_to_date,
        case
            when part_value is not null and sum_of_parts = 0 then 'denominator is zero'
            when parts_stated = 1 then {{ joined_flags('flag', "'the only part stated'") }}
            else flag
        end as flag
    from part_sum
    union all
    select
        'sum_of_countries' as measure,
        cast(null as string) as denominator,
        {{ columns }},
        unit as measure_unit,
        'sum' as method,
        value,
        year_to_date,
        flag
    from group_sum
    union all
    select
        'residual' as measure,
        cast(null as string) as denominator,
        {{ columns }},
        unit as measure_unit,
        'stated less sum of countries' as method,
        cast(whole_value - value as decimal(24, 9)) as value,
        cast(whole_year_to_date - year_to_date as decimal(24, 9)) as year_to_date,
        nullif(
            concat_ws(
                '; ',
                case when whole_value < value then 'negative residual' end,
                case when whole_year_to_date < year_to_date then 'negative residual since January' end,
                {{ joined_flags('whole_flag', 'flag') }}
            ),
            ''
        ) as flag
    from residual
),

-- Ranks are those of the places and parts that have a value.
ranked_measure as (
    select
        *,
        measure = 'value'
        and value is not null
        and (geography_kind in ('country', 'region') or breakdown is not null)
        and indicator <> 'exchange_rate_average' as is_ranked
    from measure
)

select
    as_of,
    quarter,
    indicator,
    measure,
    direction,
    geography_kind,
    geography_code,
    geography_group,
    breakdown,
    breakdown_code,
    denominator,
    measure_unit as unit,
    case when measure = 'converted' then 'mln KZT' else unit end as figure_unit,
    method,
    value,
    year_to_date,
    cast(case when is_ranked then rank() over (partition by {{ ranked }} order by value desc) end as bigint) as rank,
    case when is_ranked then count(*) over (partition by {{ ranked }}) end as rank_of,
    coverage,
    flag,
    dataset,
    obtained_via,
    known_from,
    known_basis
from ranked_measure
