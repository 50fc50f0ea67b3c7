select
    remittances.quarter,
    remittances.direction,
    remittances.rank,
    dim_country.name_en as country,
    round(remittances.amount_mln_kzt, 1) as amount_mln_kzt,
    remittances.flag,
    round(remittances.share_of_stated, 1) as percent_of_total,
    round(remittances.amount_mln_usd, 1) as amount_mln_usd,
    remittances.usd_reason,
    round(remittances.percent_change_on_year, 1) as percent_change_on_year,
    remittances.year_before_reason,
    remittances.dataset
from {{ ref('quarterly_remittances_by_country') }} as remittances
left join {{ ref('dim_country') }} as dim_country
    on remittances.country_code = dim_country.country_code
where remittances.is_headline
order by
    remittances.quarter asc,
    remittances.direction asc,
    remittances.rank asc nulls last,
    country asc
