{#-
  Permit holders by `part`, that is country, activity or permit_category: for each quarter the stock at its end, from
  quarterly_indicator, and the last stock that the ministry stated within it, from the fact.
-#}
{% macro foreign_labour_by(part) -%}
{%- set holders = "indicator = 'foreign_labour_permit_holders'" -%}
{%- set printed = "indicator = 'foreign_labour_permit_holders_share'" -%}
{%- if part == 'country' -%}
    {%- set code = 'geography_code' -%}
    {%- set is_part = "geography_kind = 'country' and coalesce(breakdown, 'total') = 'total'" -%}
{%- else -%}
    {%- set code = 'breakdown_code' -%}
    {%- set is_part = "geography_kind = 'total' and breakdown = '" ~ part ~ "'" -%}
{%- endif -%}
with end_part as (
    select
        value.quarter,
        {{ add_days('dim_quarter.last_day', 1) }} as stated_on,
        true as is_end_of_quarter,
        value.{{ code }} as code,
        value.dataset,
        {{ figure("measure = 'value' and " ~ holders) }} as permit_holders,
        {{ figure("measure = 'value' and " ~ holders, 'rank') }} as rank,
        {{ figure("measure = 'value' and " ~ holders, 'rank_of') }} as rank_of,
        {{ figure("measure = 'share_of_stated'") }} as share_of_stated,
        {{ figure("measure = 'share_of_sum'") }} as share_of_sum,
        {{ figure(printed) }} as printed_share,
        {{ figure("measure = 'value' and " ~ holders, 'flag') }} as flag,
        {{ comparisons("measure = 'value' and " ~ holders, has_since_january=false) }}
        {{ joined_ways('value.obtained_via') }} as obtained_via,
        max(value.known_from) as known_from,
        {{ joined_once('value.known_basis', ' and ') }} as known_basis
    from {{ ref('quarterly_indicator') }} as value
    inner join {{ ref('dim_quarter') }} as dim_quarter
        on value.quarter = dim_quarter.quarter
    where ({{ holders }} or {{ printed }}) and {{ is_part }}
    group by value.quarter, dim_quarter.last_day, value.{{ code }}, value.dataset
),

stock_within as (
    select fct.*
    from {{ ref('fct_foreign_labour') }} as fct
    inner join {{ ref('dim_quarter') }} as dim_quarter
        on fct.quarter = dim_quarter.quarter
    where fct.measurement = 'stock' and fct.period_end < dim_quarter.last_day
),

part_within as (
    select
        *,
        max(stated_on) over (partition by quarter, dataset) as last_stated_on
    from stock_within
    where ({{ holders }} or {{ printed }}) and {{ is_part }}
),

last_within as (
    select
        quarter,
        stated_on,
        {{ code }} as code,
        dataset,
        {{ figure(holders) }} as permit_holders,
        {{ figure(printed) }} as printed_share,
        {{ figure(holders, 'flag') }} as flag,
        {{ joined_ways('obtained_via') }} as obtained_via,
        max(known_from) as known_from,
        {{ joined_once('known_basis', ' and ') }} as known_basis
    from part_within
    where stated_on = last_stated_on
    group by quarter, stated_on, {{ code }}, dataset
),

-- What is stated for all of them together on the same day.
whole as (
    select
        value.dataset,
        {{ add_days('dim_quarter.last_day', 1) }} as stated_on,
        {{ figure(holders) }} as permit_holders_total,
        {{ figure("indicator = 'foreign_labour_employers'") }} as employers,
        {{ figure("indicator = 'citizens_employed_by_foreign_labour_employers'") }} as citizens_employed
    from {{ ref('quarterly_indicator') }} as value
    inner join {{ ref('dim_quarter') }} as dim_quarter
        on value.quarter = dim_quarter.quarter
    where value.measure = 'value' and value.geography_kind = 'total' and value.breakdown is null
    group by value.dataset, dim_quarter.last_day
    union all
    select
        dataset,
        stated_on,
        {{ figure(holders) }} as permit_holders_total,
        {{ figure("indicator = 'foreign_labour_employers'") }} as employers,
        {{ figure("indicator = 'citizens_employed_by_foreign_labour_employers'") }} as citizens_employed
    from stock_within
    where geography_kind = 'total' and breakdown = 'total'
    group by dataset, stated_on
),

sum_within as (
    select
        dataset,
        stated_on,
        cast(sum(permit_holders) as decimal(24, 9)) as sum_of_parts
    from last_within
    group by dataset, stated_on
),

stock as (
    select * from end_part
    union all
    select
        last_within.quarter,
        last_within.stated_on,
        false as is_end_of_quarter,
        last_within.code,
        last_within.dataset,
        last_within.permit_holders,
        cast(
            case
                when last_within.permit_holders is not null
                    then
                        rank() over (
                            partition by last_within.dataset, last_within.stated_on
                            order by last_within.permit_holders desc nulls last
                        )
            end as bigint
        ) as rank,
        case
            when last_within.permit_holders is not null
                then count(last_within.permit_holders) over (partition by last_within.dataset, last_within.stated_on)
        end as rank_of,
        {{ divide('100 * last_within.permit_holders', 'whole.permit_holders_total') }} as share_of_stated,
        {{ divide('100 * last_within.permit_holders', 'sum_within.sum_of_parts') }} as share_of_sum,
        last_within.printed_share,
        last_within.flag,
        {% for change, reason in (
            ('change_on_previous_quarter', 'previous_quarter_reason'), ('change_on_year', 'year_before_reason')
        ) -%}
        cast(null as decimal(24, 9)) as {{ change }},
        cast(null as decimal(24, 9)) as percent_{{ change }},
        'not the end of a quarter' as {{ reason }},
        {% endfor -%}
        last_within.obtained_via,
        last_within.known_from,
        last_within.known_basis
    from last_within
    left join whole
        on
            last_within.dataset = whole.dataset
            and last_within.stated_on = whole.stated_on
    left join sum_within
        on
            last_within.dataset = sum_within.dataset
            and last_within.stated_on = sum_within.stated_on
),

quota as (
    select
        dataset,
        substr(quarter, 1, 4) as year,
        value as quota,
        flag as quota_flag
    from {{ ref('fct_foreign_labour') }}
    where indicator = 'foreign_labour_quota'
)

select
    stock.quarter,
    stock.stated_on,
    stock.is_end_of_quarter,
    stock.code as {{ part }}_code,
    name.name_en as {{ part }},
    stock.permit_holders,
    stock.rank,
    stock.rank_of,
    stock.share_of_stated,
    stock.share_of_sum,
    stock.printed_share,
    case when stock.permit_holders is null then 'only its share is printed' else stock.flag end as flag,
    whole.permit_holders_total,
    whole.employers,
    whole.citizens_employed,
    quota.quota,
    case when quota.quota is null then 'no figure known' else quota.quota_flag end as quota_flag,
    {{ compared_columns('stock', has_since_january=false) | trim }},
    stock.dataset,
    stock.obtained_via,
    stock.known_from,
    stock.known_basis
from stock
left join whole
    on
        stock.dataset = whole.dataset
        and stock.stated_on = whole.stated_on
left join quota
    on
        stock.dataset = quota.dataset
        and substr(stock.quarter, 1, 4) = quota.year
{% if part == 'country' -%}
left join {{ ref('dim_country') }} as name
    on stock.code = name.country_code
{%- else -%}
left join {{ ref('dim_breakdown') }} as name
    on
        stock.code = name.breakdown_code
        and name.breakdown = '{{ part }}'
{%- endif %}
{%- endmacro %}
