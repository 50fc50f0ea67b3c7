with shares as (
    select
        quarter,
        indicator,
        direction,
        geography_code as country_code,
        value,
        flag
    from {{ ref('quarterly_indicator') }}
    where
        measure = 'share_of_stated'
        and denominator = 'TOTAL'
        and geography_kind = 'country'
        and breakdown is null
        and is_headline
        and value is not null
),

members as (
    select
        dim_quarter.quarter,
        dim_group.name_en as group_name,
        dim_group_member.country_code
    from {{ ref('dim_group_member') }} as dim_group_member
    inner join {{ ref('dim_group') }} as dim_group
        on dim_group_member.group_code = dim_group.group_code
    inner join {{ ref('dim_quarter') }} as dim_quarter
        on
            dim_group_member.member_from <= dim_quarter.last_day
            and (dim_group_member.member_to is null or dim_group_member.member_to > dim_quarter.last_day)
)

select
    shares.quarter,
    shares.indicator,
    shares.direction,
    members.group_name,
    round(sum(shares.value), 1) as percent_of_total_stated,
    count(*) as countries_stated,
    string_agg(distinct shares.flag, '; ' order by shares.flag) as flag
from shares
inner join members
    on shares.quarter = members.quarter and shares.country_code = members.country_code
group by shares.quarter, shares.indicator, shares.direction, members.group_name
order by shares.quarter, shares.indicator, shares.direction, members.group_name
