select
    quarter,
    cast(arrivals as bigint) as arrivals,
    cast(departures as bigint) as departures,
    cast(net as bigint) as net,
    cast(permanent_arrivals as bigint) as permanent_arrivals,
    cast(permanent_departures as bigint) as permanent_departures,
    cast(permanent_net as bigint) as permanent_net,
    cast(permit_holders as bigint) as foreign_labour_permit_holders,
    round(sent_mln_kzt, 1) as sent_mln_kzt,
    round(received_mln_kzt, 1) as received_mln_kzt,
    round(sent_mln_usd, 1) as sent_mln_usd,
    round(received_mln_usd, 1) as received_mln_usd,
    round(kzt_per_usd, 2) as kzt_per_usd
from {{ ref('quarterly_headline') }}
order by quarter
