with label as (
    select
        dataset,
        'transfer_system_alias' as seed,
        transfer_system_label as label,
        source_file,
        source_cell,
        breakdown_code is null and breakdown is not null as is_unmatched
    from {{ ref('stg_national_bank__money_transfers') }}
    union all
    select
        dataset,
        'transfer_direction_alias' as seed,
        direction_label as label,
        source_file,
        source_cell,
        direction is null as is_unmatched
    from {{ ref('stg_national_bank__money_transfers') }}
)

select
    dataset,
    seed,
    coalesce(label, '(absent)') as label,
    'dbt_project/seeds/' || seed || '.csv: add the line '
    || {{ folded_label("coalesce(label, '(absent)')") }} || ',<code>' as next_step,
    count(*) as row_count,
    min(source_file) as source_file,
    min(source_cell) as source_cell
from label
where is_unmatched
group by dataset, seed, label
