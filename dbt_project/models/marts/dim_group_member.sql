select
    group_code,
    country_code,
    coalesce(member_from, date '0001-01-01') as member_from,
    member_to,
    source
from {{ ref('country_group_member') }}
