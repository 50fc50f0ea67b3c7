select
    quarter,
    rank,
    region,
    cast(permits as bigint) as permits,
    round(share_of_stated, 1) as percent_of_total,
    round(printed_share, 1) as printed_percent_of_total,
    permits_flag,
    dataset
from {{ ref('quarterly_temporary_residence_by_region') }}
where is_headline
order by quarter, rank nulls last, region
