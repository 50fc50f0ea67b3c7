with month_of_quarter as (
    select
        quarter,
        direction,
        extract(month from month_start) - 3 * extract(quarter from month_start) + 3 as month_number,
        amount_mln_kzt
    from {{ ref('fct_money_transfers') }}
    where transfer_system = 'total'
),

months_beside as (
    select
        quarter,
        direction,
        max(case when month_number = 1 then amount_mln_kzt end) as first_month_mln_kzt,
        max(case when month_number = 2 then amount_mln_kzt end) as second_month_mln_kzt,
        max(case when month_number = 3 then amount_mln_kzt end) as third_month_mln_kzt
    from month_of_quarter
    group by quarter, direction
)

select
    quarterly_indicator.quarter,
    quarterly_indicator.direction,
    months_beside.first_month_mln_kzt,
    months_beside.second_month_mln_kzt,
    months_beside.third_month_mln_kzt,
    quarterly_indicator.value as amount_mln_kzt,
    quarterly_indicator.coverage,
    quarterly_indicator.flag,
    quarterly_indicator.dataset,
    quarterly_indicator.known_from,
    quarterly_indicator.known_basis
from {{ ref('quarterly_indicator') }} as quarterly_indicator
left join months_beside
    on
        quarterly_indicator.quarter = months_beside.quarter
        and quarterly_indicator.direction = months_beside.direction
where
    quarterly_indicator.indicator = 'money_transfers'
    and quarterly_indicator.geography_kind = 'total'
    and quarterly_indicator.breakdown is null
