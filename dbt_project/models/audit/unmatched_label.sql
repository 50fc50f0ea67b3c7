-- Every label column of a staging model has one line here.
with label as (
    {{ labels_of(
        'stg_national_bank__money_transfers', 'transfer_system', 'transfer_system_label', 'transfer_system_code'
    ) }}
    union all
    {{ labels_of('stg_national_bank__money_transfers', 'direction', 'direction_label', 'direction') }}
    union all
    {{ labels_of('stg_national_bank__average_exchange_rates', 'periodicity', 'periodicity_label', 'months') }}
    union all
    {{ labels_of('stg_interior_ministry__border_crossings', 'country', 'citizenship_label', 'citizenship_code') }}
    union all
    {{ labels_of('stg_border_service__border_crossings', 'country', 'citizenship_label', 'citizenship_code') }}
    union all
    {{ labels_of('stg_interior_ministry__temporary_residence_permits', 'region', 'place_label', 'place_code') }}
    union all
    {{ labels_of('stg_statistics_bureau__internal_migration', 'region', 'region_label', 'region_code') }}
    union all
    {{ labels_of('stg_national_bank__money_transfers_by_country', 'country', 'country_label', 'country_code') }}
    union all
    {{ labels_of('stg_statistics_bureau__external_migration_by_country', 'country', 'country_label', 'country_code') }}
    union all
    {{ labels_of('stg_statistics_bureau__external_migration', 'region', 'territory_label', 'territory_code') }}
    union all
    {{ labels_of('stg_statistics_bureau__external_migration', 'locality', 'locality_label', 'locality_code') }}
    union all
    {{ labels_of('stg_statistics_bureau__migration_balance', 'region', 'territory_label', 'territory_code') }}
    union all
    {{ labels_of('stg_statistics_bureau__migration_balance', 'locality', 'locality_label', 'locality_code') }}
    union all
    {{ labels_of(
        'stg_labour_ministry__foreign_labour', 'country', 'country_label', 'counterpart_code', is_optional=true
    ) }}
    union all
    {{ labels_of(
        'stg_labour_ministry__foreign_labour', 'activity', 'activity_label', 'activity_code', is_optional=true
    ) }}
    union all
    {{ labels_of(
        'stg_labour_ministry__foreign_labour', 'permit_category', 'permit_category_label', 'permit_category_code',
        is_optional=true
    ) }}
    union all
    {{ labels_of('stg_un_desa__net_migration', 'country', 'country_label', 'country_code') }}
    union all
    {{ labels_of('crossing_register_unknown', 'checkpoint', 'unknown_checkpoint', 'checkpoint_code') }}
    union all
    {{ labels_of('crossing_register_unknown', 'country', 'unknown_citizenship', 'citizenship_code') }}
    union all
    {{ labels_of('crossing_register_unknown', 'crossing_purpose', 'unknown_purpose', 'purpose_code') }}
    union all
    {{ labels_of('crossing_register_unknown', 'direction', 'unknown_direction', 'direction') }}
),

-- Only what the last answer of each resource prints: a label that the agency mended is no longer asked for.
last_answer as (
    select max(landing_number) as landing_number
    from {{ ref('landed_file') }}
    group by dataset, resource
),

unmatched as (
    select
        label.dataset,
        label.dictionary,
        coalesce(label.label, '(absent)') as label,
        count(*) as row_count,
        min(label.source_file) as source_file,
        min_by(label.source_cell, (label.source_file, length(label.source_cell), label.source_cell)) as source_cell
    from label
    inner join last_answer
        on label.landing_number = last_answer.landing_number
    group by label.dataset, label.dictionary, coalesce(label.label, '(absent)')
),

folded as (
    select
        *,
        {{ folded_label('label') }} as folded_label
    from unmatched
),

-- A label that has a meaning in another dataset has no general one.
taken as (
    select distinct
        dictionary,
        label
    from {{ ref('alias') }}
)

select
    folded.dataset,
    folded.dictionary,
    folded.label,
    folded.folded_label,
    case
        when folded.label = '(absent)'
            then 'look at the cell: the file prints no label there, a line in the seed does not help'
        else
            'dbt_project/seeds/alias.csv: add the line '
            || folded.dictionary || ','
            || case when taken.label is null then '' else folded.dataset end || ','
            || case
                when {{ matches('folded.folded_label', '[,"]') }}
                    then '"' || replace(folded.folded_label, '"', '""') || '"'
                else folded.folded_label
            end || ',<code>'
    end as next_step,
    folded.row_count,
    folded.source_file,
    folded.source_cell
from folded
left join taken
    on
        folded.dictionary = taken.dictionary
        and folded.folded_label = taken.label
