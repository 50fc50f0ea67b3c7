select
    quarter,
    direction,
    round(first_month_mln_kzt, 1) as first_month_mln_kzt,
    round(second_month_mln_kzt, 1) as second_month_mln_kzt,
    round(third_month_mln_kzt, 1) as third_month_mln_kzt,
    round(amount_mln_kzt, 1) as amount_mln_kzt,
    cast(amount_mln_kzt / 3 as decimal(24, 1)) as monthly_average_mln_kzt,
    flag,
    round(amount_mln_usd, 1) as amount_mln_usd,
    usd_flag,
    round(percent_change_on_previous_quarter, 1) as percent_change_on_previous_quarter,
    previous_quarter_reason,
    round(percent_change_on_year, 1) as percent_change_on_year,
    year_before_reason,
    round(since_january_mln_kzt, 1) as since_january_mln_kzt,
    dataset
from {{ ref('quarterly_remittances') }}
order by quarter, direction
