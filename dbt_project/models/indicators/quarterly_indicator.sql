{%- set columns = [
    'indicator', 'measure', 'direction', 'geography_kind', 'geography_code', 'geography_group', 'breakdown',
    'breakdown_code', 'denominator', 'unit', 'figure_unit'
] -%}
{#- A country that changes its group stays the same series. -#}
{%- set series = columns | reject('equalto', 'geography_group') | list -%}
{%- set decimals -%}
    case when value.unit in ('percent', 'mln USD') then 1 else dim_indicator.printed_decimals end
{%- endset -%}

with known as (
    select
        quarter,
        {{ columns | join(',\n        ') }},
        method,
        value,
        year_to_date,
        rank,
        rank_of,
        coverage,
        flag,
        dataset,
        obtained_via,
        known_from,
        known_basis
    from {{ ref('indicator_history') }}
    where known_to is null
),

-- Of the datasets that have the value, the first in precedence stands for the indicator.
placed as (
    select
        known.*,
        {{ quarter_number('known.quarter') }} as quarter_number,
        row_number() over (
            partition by
                known.quarter,
                {{ columns_of('known', series) | trim }}
            order by known.value is null, coalesce(headline_dataset.precedence, 99), known.dataset
        ) = 1 as is_headline
    from known
    left join {{ ref('headline_dataset') }} as headline_dataset
        on
            known.indicator = headline_dataset.indicator
            and known.dataset = headline_dataset.dataset
            and known.quarter >= coalesce(headline_dataset.from_quarter, known.quarter)
            and known.quarter <= coalesce(headline_dataset.to_quarter, known.quarter)
),

value_before as (
    select
        placed.*,
        back.quarters_back,
        placed.quarter_number + back.quarters_back as compared_with
    from placed
    cross join (values (1), (4)) as back (quarters_back)
),

-- The same series one quarter and one year before: of the same dataset, else the headline.
candidate as (
    select
        placed.*,
        value_before.quarters_back,
        value_before.value as value_before,
        value_before.flag as flag_before,
        placed.dataset <> value_before.dataset as is_of_other_dataset,
        row_number() over (
            partition by
                value_before.quarters_back,
                placed.quarter,
                placed.dataset,
                {{ columns_of('placed', series) | trim }}
            order by placed.dataset <> value_before.dataset
        ) as candidate_number
    from placed
    inner join value_before
        on
            placed.quarter_number = value_before.compared_with
            and (placed.dataset = value_before.dataset or (placed.is_headline and value_before.is_headline))
            and {{ is_same('placed', 'value_before', series) | trim }}
),

compared as (
    select *
    from candidate
    where candidate_number = 1
),

series_break as (
    select
        *,
        {{ quarter_number('first_quarter') }} as first_number
    from {{ ref('series_break') }}
),

break_between as (
    select
        compared.indicator,
        compared.geography_kind,
        compared.geography_code,
        compared.quarter_number,
        compared.quarters_back,
        compared.is_of_other_dataset,
        'break in series: ' || {{ joined_once('series_break.reason', ', ') }} as reason
    from compared
    inner join series_break
        on
            coalesce(series_break.indicator, compared.indicator) = compared.indicator
            and coalesce(series_break.geography_kind, compared.geography_kind) = compared.geography_kind
            and coalesce(compared.geography_code, '')
            = coalesce(series_break.geography_code, compared.geography_code, '')
            and case
                when series_break.first_number is null then compared.is_of_other_dataset
                else
                    compared.quarter_number >= series_break.first_number
                    and compared.quarter_number - compared.quarters_back < series_break.first_number
            end
    group by
        compared.indicator, compared.geography_kind, compared.geography_code, compared.quarter_number,
        compared.quarters_back, compared.is_of_other_dataset
),

judged as (
    select
        compared.*,
        cast(compared.value - compared.value_before as decimal(24, 9)) as difference,
        case
            when
                coalesce(compared.direction, '') <> 'net' and compared.unit <> 'percent'
                and compared.value_before > 0
                then {{ divide('100 * (compared.value - compared.value_before)', 'compared.value_before') }}
        end as percent,
        nullif(
            concat_ws(
                '; ',
                case when compared.value is null then 'no value of this quarter' end,
                case
                    when compared.value_before is null then coalesce(compared.flag_before, 'no value to compare with')
                end,
                case
                    when compared.direction = 'net' or compared.unit = 'percent' then null
                    when compared.value_before = 0 then 'the value to compare with is zero'
                    when compared.value_before < 0 then 'the value to compare with is negative'
                end,
                break_between.reason
            ),
            ''
        ) as reason
    from compared
    left join break_between
        on
            compared.indicator = break_between.indicator
            and compared.geography_kind = break_between.geography_kind
            and compared.geography_code is not distinct from break_between.geography_code
            and compared.quarter_number = break_between.quarter_number
            and compared.quarters_back = break_between.quarters_back
            and compared.is_of_other_dataset = break_between.is_of_other_dataset
),

-- Since January: as stated, else the sum of the quarters of the year, none missing.
since_january as (
    select
        *,
        case
            when measure not in ('value', 'converted') or unit = 'percent' then year_to_date
            when method <> 'stock' and indicator <> 'exchange_rate_average'
                then
                    coalesce(
                        year_to_date,
                        case
                            when count(value) over year_so_far = cast(substr(quarter, 6, 1) as integer)
                                then cast(sum(value) over year_so_far as decimal(24, 9))
                        end
                    )
        end as value_since_january
    from placed
    window
        year_so_far as (
            partition by substr(quarter, 1, 4), dataset, {{ series | join(', ') }}
            order by quarter rows unbounded preceding
        )
)

select
    value.quarter,
    value.indicator,
    value.measure,
    value.direction,
    value.geography_kind,
    value.geography_code,
    value.geography_group,
    value.breakdown,
    value.breakdown_code,
    value.denominator,
    value.unit,
    value.figure_unit,
    value.method,
    value.value,
    {{ printed('value.value', decimals) }} as printed_value,
    value.rank,
    value.rank_of,
    value.coverage,
    value.flag,
    quarter_before.value_before as previous_quarter_value,
    quarter_before.difference as change_on_previous_quarter,
    quarter_before.percent as percent_change_on_previous_quarter,
    case
        when quarter_before.quarter is null then 'quarter before not known'
        else quarter_before.reason
    end as previous_quarter_reason,
    year_before.value_before as year_before_value,
    year_before.difference as change_on_year,
    year_before.percent as percent_change_on_year,
    case
        when year_before.quarter is null then 'quarter of the year before not known'
        else year_before.reason
    end as year_before_reason,
    value.value_since_january as year_to_date,
    case
        when value.value_since_january is null
            then
                case
                    when value.method = 'stock' then 'a stock is not summed'
                    when value.indicator = 'exchange_rate_average' then 'an average is not summed'
                    when value.measure not in ('value', 'converted') or value.unit = 'percent'
                        then 'not stated since January'
                    else 'a quarter of the year is missing from this dataset'
                end
    end as year_to_date_reason,
    value.is_headline,
    value.dataset,
    value.obtained_via,
    value.known_from,
    value.known_basis
from since_january as value
inner join {{ ref('dim_indicator') }} as dim_indicator
    on value.indicator = dim_indicator.indicator
left join judged as quarter_before
    on
        quarter_before.quarters_back = 1
        and {{ is_same('value', 'quarter_before', ['quarter', 'dataset'] + series) | trim }}
left join judged as year_before
    on
        year_before.quarters_back = 4
        and {{ is_same('value', 'year_before', ['quarter', 'dataset'] + series) | trim }}
