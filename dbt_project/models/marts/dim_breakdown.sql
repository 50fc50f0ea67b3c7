select
    'activity' as breakdown,
    activity_code as breakdown_code,
    name_en,
    name_ru,
    name_kk
from {{ ref('activity') }}
union all
select
    'permit_category' as breakdown,
    permit_category_code as breakdown_code,
    name_en,
    name_ru,
    name_kk
from {{ ref('permit_category') }}
