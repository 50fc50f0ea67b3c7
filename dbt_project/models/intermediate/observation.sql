{%- set key -%}
    dataset, indicator, direction, counterpart_kind, counterpart_code, region_code, breakdown, breakdown_code,
    period_start, period_end, measurement, unit
{%- endset -%}
{%- set known_order = 'is_from_agency, known_from, landing_number, page' -%}

-- Every dataset has one line here.
with statement as (
    {{ statements_of('stg_national_bank__money_transfers') }}
    union all
    {{ statements_of('stg_national_bank__exchange_rates') }}
    union all
    {{ statements_of('stg_national_bank__average_exchange_rates') }}
    union all
    {{ statements_of('stg_interior_ministry__border_crossings') }}
    union all
    {{ statements_of('stg_border_service__border_crossings') }}
    union all
    {{ statements_of('stg_interior_ministry__temporary_residence_permits') }}
    union all
    {{ statements_of('stg_statistics_bureau__internal_migration') }}
    union all
    {{ statements_of('stg_national_bank__money_transfers_by_country') }}
    union all
    {{ statements_of('stg_statistics_bureau__external_migration') }}
    union all
    {{ statements_of('stg_statistics_bureau__external_migration_by_country') }}
    union all
    {{ statements_of('stg_statistics_bureau__migration_balance') }}
    union all
    {{ statements_of('stg_labour_ministry__foreign_labour') }}
    union all
    {{ statements_of('stg_un_desa__net_migration') }}
    union all
    {{ statements_of('crossing_register_statement') }}
),

file_of_answer as (
    select
        landing_number,
        source_file,
        obtained_via,
        published_on,
        published_basis,
        obtained_via in ('agency file', 'agency page') as is_from_agency,
        min(page) as page
    from {{ ref('landed_file') }}
    group by landing_number, source_file, obtained_via, published_on, published_basis
),

answer as (
    select distinct dataset, resource, landing_number, fetched_on
    from {{ ref('landed_file') }}
    where is_last_of_day
),

ordered_answer as (
    select
        landing_number,
        lead(fetched_on) over (partition by dataset, resource order by landing_number) as next_answer_from
    from answer
),

-- A value is known until the next answer of its resource leaves it out, or any answer states another. What an
-- agency states itself goes before every reprint of it, whenever that was read.
stated as (
    select
        statement.*,
        file_of_answer.obtained_via,
        file_of_answer.published_on,
        file_of_answer.published_basis,
        file_of_answer.is_from_agency,
        file_of_answer.page,
        ordered_answer.next_answer_from
    from statement
    inner join ordered_answer
        on statement.landing_number = ordered_answer.landing_number
    inner join file_of_answer
        on
            statement.landing_number = file_of_answer.landing_number
            and statement.source_file = file_of_answer.source_file
),

neighboured as (
    select
        *,
        lag(value) over (partition by {{ key }} order by {{ known_order }}) as previous_value,
        lag(is_from_agency) over (partition by {{ key }} order by {{ known_order }}) as previous_is_from_agency,
        lag(next_answer_from) over (partition by {{ key }} order by {{ known_order }}) as previous_until,
        lead(known_from) over (partition by {{ key }} order by {{ known_order }}) as next_stated_from
    from stated
),

marked as (
    select
        *,
        case
            when
                value = previous_value
                and is_from_agency = previous_is_from_agency
                and coalesce(previous_until >= known_from, true)
                then 0
            else 1
        end as is_new_value,
        case
            when next_stated_from < next_answer_from then next_stated_from
            else coalesce(next_answer_from, next_stated_from)
        end as stated_until
    from neighboured
),

spelled as (
    select
        *,
        sum(is_new_value) over (
            partition by {{ key }} order by {{ known_order }} rows unbounded preceding
        ) as spell
    from marked
),

ended as (
    select
        *,
        last_value(stated_until) over (
            partition by {{ key }}, spell order by {{ known_order }}
            rows between unbounded preceding and unbounded following
        ) as spell_until
    from spelled
)

select
    ended.dataset,
    ended.obtained_via,
    ended.indicator,
    ended.direction,
    ended.counterpart_kind,
    ended.counterpart_code,
    ended.region_code,
    ended.breakdown,
    ended.breakdown_code,
    ended.period_start,
    ended.period_end,
    ended.measurement,
    coalesce(correction.corrected_value, ended.value) as value,
    ended.value as stated_value,
    ended.unit,
    nullif(
        concat_ws(
            '; ',
            ended.flag,
            case when imputed_value.value is not null then 'imputed by the publisher' end,
            'corrected: ' || correction.reason
        ),
        ''
    ) as flag,
    ended.known_from,
    case when ended.spell_until < ended.known_from then ended.known_from else ended.spell_until end as known_to,
    ended.known_basis,
    ended.published_on,
    ended.published_basis,
    ended.source_file,
    ended.source_cell,
    ended.raw_text
from ended
left join {{ ref('imputed_value') }} as imputed_value
    on
        ended.dataset = imputed_value.dataset
        and ended.indicator = imputed_value.indicator
        and ended.direction is not distinct from imputed_value.direction
        and ended.counterpart_code is not distinct from imputed_value.geography_code
        and ended.period_end = imputed_value.period_end
        and ended.value = imputed_value.value
left join {{ ref('correction') }} as correction
    on
        {{ is_figure_of('ended', 'correction') }}
        and ended.value = correction.expect
        and ended.indicator not in ('exchange_rate', 'exchange_rate_average')
where ended.is_new_value = 1
