with last_attempt as (
    select
        fetch_log.dataset,
        fetch_log.fetched_at,
        coalesce(landing.outcome, fetch_log.status) as outcome,
        row_number() over (partition by fetch_log.dataset order by fetch_log.log_line desc) as attempt_back
    from {{ source('raw', 'fetch_log') }} as fetch_log
    left join {{ source('raw', 'landing') }} as landing
        on fetch_log.fetch_id = landing.fetch_id
)

select
    dim_dataset.dataset,
    dataset.state,
    dim_dataset.last_period_end,
    dim_dataset.expected_on,
    case
        when current_date > dim_dataset.expected_on
            then {{ days_between('dim_dataset.expected_on', 'current_date') }}
        when dim_dataset.expected_on is not null then 0
    end as days_late,
    last_attempt.fetched_at as last_attempt_at,
    last_attempt.outcome as last_outcome,
    dataset.state = 'stale' as is_stale,
    dataset.reason,
    dim_dataset.how_to_ask
from {{ ref('dim_dataset') }} as dim_dataset
inner join {{ source('raw', 'dataset') }} as dataset
    on dim_dataset.dataset = dataset.dataset
left join last_attempt
    on
        dim_dataset.dataset = last_attempt.dataset
        and last_attempt.attempt_back = 1
