{#- Every year that Taldau states, from the first to the last of element 6567, must have its balance there. -#}
{% test states_every_year(model) %}
with stated as (
    select distinct
        dataset,
        period_end
    from {{ model }}
    where
        known_to is null
        and counterpart_code is null
        and region_code is null
        and dataset in ('statistics_bureau__external_migration', 'statistics_bureau__migration_balance')
),

balance_years as (
    select
        min(period_end) as first_year,
        max(period_end) as last_year
    from stated
    where dataset = 'statistics_bureau__migration_balance'
)

select flow.period_end
from stated as flow
cross join balance_years
left join stated as balance
    on
        flow.period_end = balance.period_end
        and balance.dataset = 'statistics_bureau__migration_balance'
where
    flow.dataset = 'statistics_bureau__external_migration'
    and flow.period_end between balance_years.first_year and balance_years.last_year
    and balance.period_end is null
{% endtest %}
