with dated as (
    select
        dataset,
        period_end
    from {{ ref('observation') }}
    where known_to is null
    union all
    select
        dataset,
        event_date as period_end
    from {{ ref('stg_policy_register__events') }}
),

last_period as (
    select
        dataset,
        max(period_end) as last_period_end
    from dated
    group by dataset
)

select
    dataset.dataset,
    dataset.agency,
    dataset.title,
    dataset.source_page,
    dataset.licence,
    dataset.period,
    dataset.obtained_via,
    dataset.how_to_ask,
    last_period.last_period_end,
    {{ add_days(
        end_of_next_period('dataset.period', 'last_period.last_period_end'), 'dataset.published_after_days'
    ) }} as expected_on,
    dataset.state,
    dataset.reason
from {{ source('raw', 'dataset') }} as dataset
left join last_period
    on dataset.dataset = last_period.dataset
