with amount as (
    select
        quarter,
        direction,
        geography_code as country_code,
        dataset,
        {{ figure("measure = 'value'") }} as amount_mln_kzt,
        {{ figure("measure = 'value'", 'coverage') }} as coverage,
        {{ figure("measure = 'value'", 'flag') }} as flag,
        {{ figure("measure = 'value'", 'rank') }} as rank,
        {{ figure("measure = 'value'", 'rank_of') }} as rank_of,
        {{ figure("measure = 'share_of_stated'") }} as share_of_stated,
        {{ figure("measure = 'share_of_sum'") }} as share_of_sum,
        {{ figure("measure = 'value'", 'year_to_date') }} as since_january_mln_kzt,
        {{ figure("measure = 'value'", 'year_to_date_reason') }} as since_january_reason,
        {{ figure("measure = 'value'", 'change_on_previous_quarter') }} as change_on_previous_quarter_mln_kzt,
        {{ figure("measure = 'value'", 'percent_change_on_previous_quarter') }} as percent_change_on_previous_quarter,
        {{ figure("measure = 'value'", 'previous_quarter_reason') }} as previous_quarter_reason,
        {{ figure("measure = 'value'", 'change_on_year') }} as change_on_year_mln_kzt,
        {{ figure("measure = 'value'", 'percent_change_on_year') }} as percent_change_on_year,
        {{ figure("measure = 'value'", 'year_before_reason') }} as year_before_reason,
        bool_and(is_headline) as is_headline,
        {{ joined_ways('obtained_via') }} as obtained_via,
        max(known_from) as known_from,
        {{ joined_once('known_basis', ' and ') }} as known_basis
    from {{ ref('quarterly_indicator') }}
    where
        indicator = 'money_transfers'
        and geography_kind = 'country'
        and breakdown is null
        and figure_unit = 'mln KZT'
    group by quarter, direction, geography_code, dataset
),

dollars as (
    select *
    from {{ ref('quarterly_indicator') }}
    where
        indicator = 'money_transfers'
        and measure = 'converted'
        and geography_kind = 'country'
        and breakdown is null
)

select
    amount.quarter,
    amount.direction,
    amount.country_code,
    dim_country.name_en as country,
    amount.amount_mln_kzt,
    amount.coverage,
    amount.flag,
    dollars.value as amount_mln_usd,
    dollars.method as usd_method,
    case when dollars.value is null then coalesce(dollars.flag, 'not stated for the quarter') end as usd_reason,
    report_exchange_rate.rate as report_rate_kzt_per_usd,
    {{ divide('amount.amount_mln_kzt', 'report_exchange_rate.rate') }} as amount_mln_usd_at_report_rate,
    amount.rank,
    amount.rank_of,
    amount.share_of_stated,
    amount.share_of_sum,
    amount.since_january_mln_kzt,
    amount.since_january_reason,
    amount.change_on_previous_quarter_mln_kzt,
    amount.percent_change_on_previous_quarter,
    amount.previous_quarter_reason,
    amount.change_on_year_mln_kzt,
    amount.percent_change_on_year,
    amount.year_before_reason,
    amount.dataset,
    amount.is_headline,
    amount.obtained_via,
    amount.known_from,
    amount.known_basis
from amount
left join dollars
    on
        amount.quarter = dollars.quarter
        and amount.dataset = dollars.dataset
        and amount.direction = dollars.direction
        and amount.country_code = dollars.geography_code
left join {{ ref('report_exchange_rate') }} as report_exchange_rate
    on
        amount.quarter = report_exchange_rate.quarter
        and report_exchange_rate.currency = 'USD'
left join {{ ref('dim_country') }} as dim_country
    on amount.country_code = dim_country.country_code
