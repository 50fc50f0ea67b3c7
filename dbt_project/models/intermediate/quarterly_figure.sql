{%- set series = [
    'quarter', 'dataset', 'indicator', 'direction', 'geography_kind', 'geography_code', 'breakdown', 'breakdown_code',
    'unit'
] -%}
{%- set value_columns -%}
    as_of, quarter, dataset, indicator, direction, geography_kind, geography_code, breakdown, breakdown_code, unit,
    method, value, year_to_date, coverage, flag, obtained_via, known_from, known_basis
{%- endset -%}

with value_row as (
    select {{ value_columns }} from {{ ref('quarterly_value') }}
    union all
    select {{ value_columns }} from {{ ref('converted_value') }}
),

-- Arrivals less departures where both are known, of the quarter or since January.
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
        {{ joined_flags('arrival.obtained_via', 'departure.obtained_via', ' and ') }} as obtained_via,
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
            and arrival.unit = departure.unit
            and arrival.geography_kind = departure.geography_kind
            and arrival.geography_code is not distinct from departure.geography_code
            and arrival.breakdown is not distinct from departure.breakdown
            and arrival.breakdown_code is not distinct from departure.breakdown_code
    where
        arrival.direction = 'arrival'
        and departure.direction = 'departure'
        and (
            (arrival.value is not null and departure.value is not null)
            or (arrival.year_to_date is not null and departure.year_to_date is not null)
        )
),

-- A balance that the agency states goes before one that is computed.
value_or_balance as (
    select
        value_row.as_of,
        {{ columns_of('value_row', series + ['method', 'value', 'year_to_date', 'coverage']) | trim }},
        case
            when value_row.value <> balance.value or value_row.year_to_date <> balance.year_to_date
                then {{ joined_flags('value_row.flag', "'not arrivals less departures'") }}
            else value_row.flag
        end as flag,
        value_row.obtained_via,
        value_row.known_from,
        value_row.known_basis
    from value_row
    left join balance
        on
            value_row.as_of = balance.as_of
            and {{ is_same('value_row', 'balance', series) | trim }}
    where balance.as_of is null or value_row.value is not null or balance.value is null
    union all
    select balance.*
    from balance
    left join value_row
        on
            balance.as_of = value_row.as_of
            and {{ is_same('balance', 'value_row', series) | trim }}
    where value_row.as_of is null or (value_row.value is null and balance.value is not null)
)

-- A country is of the CIS or not by its membership at the end of the quarter; a change inside it is told.
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
