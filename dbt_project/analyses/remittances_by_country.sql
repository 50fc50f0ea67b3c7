with printed as (
    select
        quarter,
        direction,
        geography_code as country_code,
        value as printed_share,
        dataset
    from {{ ref('quarterly_indicator') }}
    where
        indicator = 'money_transfers_share'
        and measure = 'value'
        and geography_kind = 'country'
        and is_headline
),

stated as (
    select *
    from {{ ref('quarterly_remittances_by_country') }}
    where is_headline
),

side_by_side as (
    select
        coalesce(stated.quarter, printed.quarter) as quarter,
        coalesce(stated.direction, printed.direction) as direction,
        stated.rank,
        dim_country.name_en as country,
        round(stated.amount_mln_kzt, 1) as amount_mln_kzt,
        stated.flag,
        round(stated.share_of_stated, 1) as percent_of_total,
        round(printed.printed_share, 1) as printed_percent_of_total,
        round(stated.amount_mln_usd, 1) as amount_mln_usd,
        stated.usd_reason,
        round(stated.percent_change_on_year, 1) as percent_change_on_year,
        stated.year_before_reason,
        coalesce(stated.dataset, printed.dataset) as dataset
    from stated
    full outer join printed
        on
            stated.quarter = printed.quarter
            and stated.direction = printed.direction
            and stated.country_code = printed.country_code
    left join {{ ref('dim_country') }} as dim_country
        on coalesce(stated.country_code, printed.country_code) = dim_country.country_code
)

select *
from side_by_side
order by
    quarter asc,
    direction asc,
    rank asc nulls last,
    printed_percent_of_total desc nulls last,
    country asc
