{%- set border = "indicator = 'border_crossings' and direction = " -%}
{%- set permanent = "indicator = 'permanent_migration' and direction = " -%}
{%- set transfers = "indicator = 'money_transfers' and unit = 'mln KZT' and direction = " -%}
{%- set in_dollars = "indicator = 'money_transfers' and measure = 'converted' and direction = " -%}
{%- set figures = {
    'arrivals': border ~ "'arrival'",
    'departures': border ~ "'departure'",
    'net': border ~ "'net'",
    'permanent_arrivals': permanent ~ "'arrival'",
    'permanent_departures': permanent ~ "'departure'",
    'permanent_net': permanent ~ "'net'",
    'permit_holders': "indicator = 'foreign_labour_permit_holders'",
    'employers': "indicator = 'foreign_labour_employers'",
    'sent_mln_kzt': transfers ~ "'sent'",
    'received_mln_kzt': transfers ~ "'received'",
    'sent_mln_usd': in_dollars ~ "'sent'",
    'received_mln_usd': in_dollars ~ "'received'",
    'kzt_per_usd': "indicator = 'exchange_rate_average' and breakdown_code = 'USD'",
} -%}
{%- set used = [
    'indicator', 'measure', 'direction', 'breakdown_code', 'unit', 'value', 'flag', 'year_to_date', 'year_to_date_reason',
    'change_on_previous_quarter', 'percent_change_on_previous_quarter', 'previous_quarter_reason', 'change_on_year',
    'percent_change_on_year', 'year_before_reason', 'dataset', 'known_from'
] -%}
{%- set balances = ['net', 'permanent_net'] -%}
{%- set not_summed = ['permit_holders', 'employers', 'kzt_per_usd'] -%}

with headline_value as (
    select *
    from {{ ref('quarterly_indicator') }}
    where
        is_headline
        and measure in ('value', 'converted')
        and geography_kind = 'total'
        and (breakdown is null or indicator = 'exchange_rate_average')
        and indicator in (
            'border_crossings', 'permanent_migration', 'foreign_labour_permit_holders', 'foreign_labour_employers',
            'money_transfers', 'exchange_rate_average'
        )
),

span as (
    select
        min(quarter) as first_quarter,
        max(quarter) as last_quarter
    from headline_value
),

-- Every quarter between the first and the last figure, those without any too.
value_of_quarter as (
    select
        dim_quarter.quarter,
        {{ columns_of('headline_value', used) | trim }}
    from {{ ref('dim_quarter') }} as dim_quarter
    inner join span
        on dim_quarter.quarter between span.first_quarter and span.last_quarter
    left join headline_value
        on dim_quarter.quarter = headline_value.quarter
),

headline as (
    select
        quarter,
        {% for name, condition in figures.items() %}
            {{ figure(condition) }} as {{ name }},
            {{ figure_flag(condition) }} as {{ name }}_flag,
            {{ comparisons(condition, name ~ '_', name not in balances, name not in not_summed) }}
        {% endfor %}
        {{ joined_once("case when indicator = 'border_crossings' and value is not null then dataset end", ' and ') }}
            as border_crossings_dataset,
        max(known_from) as known_from
    from value_of_quarter
    group by quarter
),

quota as (
    select
        substr(quarter, 1, 4) as year,
        value as quota,
        flag as quota_flag
    from {{ ref('fct_foreign_labour') }}
    where indicator = 'foreign_labour_quota'
),

stock_within as (
    select
        fct.quarter,
        fct.value as permit_holders_within_quarter,
        fct.stated_on as permit_holders_within_quarter_stated_on,
        row_number() over (partition by fct.quarter order by fct.stated_on desc) as number_back
    from {{ ref('fct_foreign_labour') }} as fct
    inner join {{ ref('dim_quarter') }} as dim_quarter
        on fct.quarter = dim_quarter.quarter
    where
        fct.indicator = 'foreign_labour_permit_holders'
        and fct.geography_kind = 'total'
        and fct.breakdown = 'total'
        and fct.period_end < dim_quarter.last_day
),

last_within as (
    select *
    from stock_within
    where number_back = 1
)

select
    headline.quarter,
    headline.arrivals,
    headline.departures,
    headline.net,
    {{ told({
        'arrivals': 'arrivals_flag', 'departures': 'departures_flag', 'net': 'net_flag'
    }) }} as border_crossings_flag,
    headline.border_crossings_dataset,
    headline.permanent_arrivals,
    headline.permanent_departures,
    headline.permanent_net,
    {{ told({
        'arrivals': 'permanent_arrivals_flag', 'departures': 'permanent_departures_flag', 'net': 'permanent_net_flag'
    }) }} as permanent_migration_flag,
    headline.permit_holders,
    headline.employers,
    quota.quota,
    {{ told({
        'permit holders': 'permit_holders_flag',
        'employers': 'employers_flag',
        'quota': "coalesce(quota_flag, case when quota is null then 'no figure known' end)"
    }) }} as foreign_labour_flag,
    last_within.permit_holders_within_quarter,
    last_within.permit_holders_within_quarter_stated_on,
    headline.sent_mln_kzt,
    headline.received_mln_kzt,
    {{ told({'sent': 'sent_mln_kzt_flag', 'received': 'received_mln_kzt_flag'}) }} as transfers_flag,
    headline.sent_mln_usd,
    headline.received_mln_usd,
    {{ told({'sent': 'sent_mln_usd_flag', 'received': 'received_mln_usd_flag'}) }} as transfers_usd_flag,
    headline.kzt_per_usd,
    {{ told({'rate': 'kzt_per_usd_flag'}) }} as kzt_per_usd_flag,
    {% for name in figures %}
        {{ compared_columns('headline', name ~ '_', name not in balances, name not in not_summed) | trim | indent }},
    {% endfor %}
    headline.known_from
from headline
left join quota
    on substr(headline.quarter, 1, 4) = quota.year
left join last_within
    on headline.quarter = last_within.quarter
