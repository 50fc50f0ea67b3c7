{#- Groups and countries exist, a spell ends after it began, and no two spells of a country in a group overlap. -#}
{% test sound_membership(model) %}
with spell as (
    select
        *,
        coalesce(member_from, date '0001-01-01') as first_day,
        coalesce(member_to, date '9999-12-31') as end_day,
        lag(coalesce(member_to, date '9999-12-31')) over (
            partition by group_code, country_code order by coalesce(member_from, date '0001-01-01')
        ) as end_before
    from {{ model }}
)

select spell.group_code, spell.country_code, spell.member_from, spell.member_to
from spell
left join {{ ref('country_group') }} as country_group on spell.group_code = country_group.group_code
left join {{ ref('country') }} as country on spell.country_code = country.country_code
where
    country_group.group_code is null
    or country.country_code is null
    or spell.first_day >= spell.end_day
    or spell.first_day < spell.end_before
{% endtest %}
