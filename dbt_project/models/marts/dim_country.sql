with spell as (
    select
        *,
        group_code
        || case when member_from > date '0001-01-01' then ' from ' || cast(member_from as string) else '' end
        || case when member_to is not null then ' to ' || cast(member_to as string) else '' end as told
    from {{ ref('dim_group_member') }}
),

membership as (
    select
        country_code,
        bool_or(group_code = 'CIS' and member_to is null) as is_cis,
        bool_or(group_code = 'EAEU' and member_to is null) as is_eaeu,
        bool_or(group_code = 'CENTRAL_ASIA' and member_to is null) as is_central_asia,
        {{ joined_in_order('told', '; ', 'group_code, member_from') }} as memberships
    from spell
    group by country_code
)

select
    country.country_code,
    country.iso3,
    country.name_en,
    country.name_ru,
    country.name_kk,
    coalesce(membership.is_cis, false) as is_cis,
    coalesce(membership.is_eaeu, false) as is_eaeu,
    coalesce(membership.is_central_asia, false) as is_central_asia,
    membership.memberships
from {{ ref('country') }} as country
left join membership
    on country.country_code = membership.country_code
