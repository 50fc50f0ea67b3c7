{%- set place = 'as_of, quarter, dataset, indicator, unit' -%}
{%- set columns -%}
    as_of, quarter, dataset, indicator, direction, geography_kind, geography_code, geography_group, breakdown,
    breakdown_code, unit, coverage, obtained_via, known_from, known_basis
{%- endset -%}

{%- set value_columns -%}
    as_of, quarter, dataset, indicator, direction, geography_kind, geography_code, breakdown, breakdown_code, unit,
    method, value, year_to_date, coverage, flag, obtained_via, known_from, known_basis
{%- endset -%}

with value_row as (
    select {{ value_columns }} from {{ ref('quarterly_value') }}
    union all
    select {{ value_columns }} from {{ ref('converted_value') }}
),

-- Arrivals less departures where both are known, of the quarter or since January; a balance that the agency states goes
-- before it.
balance as (
    select
        arrival.as_of,
        arrival.quarter,
        arrival.dataset,
        arrival.indicator,
        'net' as direction,
        arrival.geography_kind,
        arrival.geography_code,
        arrival.breakdown,
        arrival.breakdown_code,
        arrival.unit,
        'arrivals less departures' as method,
        cast(arrival.value - departure.value as decimal(24, 9)) as value,
        cast(arrival.year_to_date - departure.year_to_date as decimal(24, 9)) as year_to_date,
        case
            when arrival.value is null then arrival.coverage
            when departure.value is null then departure.coverage
            else '2 of 2'
        end as coverage,
        {{ joined_flags('arrival.flag', 'departure.flag') }} as flag,
        case
            when arrival.obtained_via = departure.obtained_via then arrival.obtained_via
            else arrival.obtained_via || ' and ' || departure.obtained_via
        end as obtained_via,
        greatest(arrival.known_from, departure.known_from) as known_from,
        case
            when arrival.known_from >= departure.known_from then arrival.known_basis else departure.known_basis
        end as known_basis
    from value_row as arrival
    inner join value_row as departure
        on
            arrival.as_of = departure.as_of
            and arrival.quarter = departure.quarter
            and arrival.dataset = departure.dataset
            and arrival.indicator = departure.indicator
            and arrival.geography_kind = departure.geography_kind
            and arrival.geography_code is not distinct from departure.geography_code
            and arrival.breakdown is not distinct from departure.breakdown
            and arrival.breakdown_code is not distinct from departure.breakdown_code
    left join value_row as stated
        on
            arrival.as_of = stated.as_of
            and arrival.quarter = stated.quarter
            and arrival.dataset = stated.dataset
            and arrival.indicator = stated.indicator
            and arrival.geography_kind = stated.geography_kind
            and arrival.geography_code is not distinct from stated.geography_code
            and arrival.breakdown is not distinct from stated.breakdown
            and arrival.breakdown_code is not distinct from stated.breakdown_code
            and stated.direction = 'net'
            and (
                stated.value is not null
                or (stated.year_to_date is not null and (arrival.value is null or departure.value is null))
            )
    where
        arrival.direction = 'arrival'
        and departure.direction = 'departure'
        and (
            (arrival.value is not null and departure.value is not null)
            or (arrival.year_to_date is not null and departure.year_to_date is not null)
        )
        and stated.as_of is null
),

value_or_balance as (
    select value_row.*
    from value_row
    left join balance
        on
            value_row.as_of = balance.as_of
            and value_row.quarter = balance.quarter
            and value_row.dataset = balance.dataset
            and value_row.indicator = balance.indicator
            and value_row.direction = balance.direction
            and value_row.geography_kind = balance.geography_kind
            and value_row.geography_code is not distinct from balance.geography_code
            and value_row.breakdown is not distinct from balance.breakdown
            and value_row.breakdown_code is not distinct from balance.breakdown_code
    where balance.as_of is null
    union all
    select * from balance
),

-- A country is of the CIS or not by its membership at the end of the quarter; a change inside it is told.
known_value as (
    select
        value_or_balance.*,
        case when value_or_balance.geography_kind = 'country' then coalesce(member.group_code, 'NON_CIS') end
            as geography_group,
        coalesce(member.member_from > dim_quarter.first_day, false)
        or coalesce(leaver.member_to > dim_quarter.first_day, false) as is_changing_group
    from value_or_balance
    inner join {{ ref('dim_quarter') }} as dim_quarter
        on value_or_balance.quarter = dim_quarter.quarter
    left join {{ ref('dim_group_member') }} as member
        on
            value_or_balance.geography_kind = 'country'
            and value_or_balance.geography_code = member.country_code
            and member.group_code = 'CIS'
            and dim_quarter.last_day >= member.member_from
            and (member.member_to is null or dim_quarter.last_day < member.member_to)
    left join {{ ref('dim_group_member') }} as leaver
        on
            value_or_balance.geography_kind = 'country'
            and value_or_balance.geography_code = leaver.country_code
            and leaver.group_code = 'CIS'
            and dim_quarter.first_day < leaver.member_to
            and dim_quarter.last_day >= leaver.member_to
),

group_sum as (
    select
        {{ place }},
        direction,
        'group' as geography_kind,
        geography_group as geography_code,
        cast(null as varchar) as geography_group,
        cast(null as varchar) as breakdown,
        cast(null as varchar) as breakdown_code,
        cast(sum(value) as decimal(24, 9)) as value,
        cast(sum(year_to_date) as decimal(24, 9)) as year_to_date,
        case
            when count(value) = 0 then cast(count(year_to_date) as varchar) || ' countries stated since January'
            else cast(count(value) as varchar) || ' countries stated'
        end as coverage,
        nullif(
            concat_ws(
                '; ',
                case when bool_or(is_changing_group) then 'membership changed inside the quarter' end,
                case
                    when count(value) > 0 and count(year_to_date) > 0 and count(value) <> count(year_to_date)
                        then 'not the same countries since January'
                end,
                coalesce(max(case when value is not null then flag end), case when count(value) = 0 then max(flag) end)
            ),
            ''
        ) as flag,
        string_agg(distinct obtained_via, ' and ' order by obtained_via) as obtained_via,
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
            sum(value) over (
                partition by {{ place }}, direction, geography_kind, breakdown, denominator
            ) as decimal(24, 9)
        ) as sum_of_parts,
        cast(
            sum(year_to_date) over (
                partition by {{ place }}, direction, geography_kind, breakdown, denominator
            ) as decimal(24, 9)
        ) as sum_since_january
    from part
    where denominator = 'TOTAL' and geography_kind <> 'group'
),

measure as (
    select
        case when method in ('months converted', 'quarter converted') then 'converted' else 'value' end as measure,
        cast(null as varchar) as denominator,
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
        {{ divide('100 * value', 'denominator_value') }} as value,
        {{ divide('100 * year_to_date', 'denominator_year_to_date') }} as year_to_date,
        case
            when denominator_value = 0 then 'denominator is nought'
            when denominator_flag = flag or denominator_flag is null then flag
            else concat_ws('; ', flag, 'denominator ' || denominator_flag)
        end as flag
    from part
    union all
    select
        'share_of_sum' as measure,
        'SUM' as denominator,
        {{ columns }},
        'percent' as measure_unit,
        'share' as method,
        {{ divide('100 * value', 'sum_of_parts') }} as value,
        {{ divide('100 * year_to_date', 'sum_since_january') }} as year_to_date,
        case when sum_of_parts = 0 then 'denominator is nought' else flag end as flag
    from part_sum
    union all
    select
        'sum_of_countries' as measure,
        cast(null as varchar) as denominator,
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
        cast(null as varchar) as denominator,
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
    case
        when
            measure = 'value'
            and value is not null
            and (geography_kind in ('country', 'region') or breakdown is not null)
            and indicator <> 'exchange_rate_average'
            then
                rank() over (
                    partition by {{ place }}, measure, direction, geography_kind, breakdown
                    order by value desc nulls last
                )
    end as rank,
    coverage,
    flag,
    dataset,
    obtained_via,
    known_from,
    known_basis
from measure
