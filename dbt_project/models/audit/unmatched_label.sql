with label as (
    select
        dataset,
        'transfer_system_alias' as seed,
        transfer_system_label as label,
        landing_number,
        source_file,
        source_cell,
        breakdown is not null and breakdown_code is null as is_unmatched
    from {{ ref('stg_national_bank__money_transfers') }}
    union all
    select
        dataset,
        'transfer_direction_alias' as seed,
        direction_label as label,
        landing_number,
        source_file,
        source_cell,
        direction is null as is_unmatched
    from {{ ref('stg_national_bank__money_transfers') }}
    union all
    select
        dataset,
        'periodicity_alias' as seed,
        periodicity_label as label,
        landing_number,
        source_file,
        source_cell,
        not is_coded as is_unmatched
    from {{ ref('stg_national_bank__average_exchange_rates') }}
),

-- Only what the last answer of each resource prints: a label that the agency mended is no longer asked for.
last_answer as (
    select max(landing_number) as landing_number
    from {{ ref('landed_file') }}
    group by dataset, resource
)

select
    label.dataset,
    label.seed,
    coalesce(label.label, '(absent)') as label,
    'dbt_project/seeds/' || label.seed || '.csv: add the line '
    || {{ folded_label("coalesce(label.label, '(absent)')") }} || ',<code>' as next_step,
    count(*) as row_count,
    min(label.source_file) as source_file,
    min(label.source_cell) as source_cell
from label
inner join last_answer
    on label.landing_number = last_answer.landing_number
where label.is_unmatched
group by label.dataset, label.seed, label.label
