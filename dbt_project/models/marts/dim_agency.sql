select
    agency.agency,
    agency.name_en,
    agency.name_ru,
    agency.name_kk,
    agency.site,
    {{ joined_in_order('dataset.title', '; ', 'dataset.dataset') }} as publishes,
    coalesce(
        {{ joined_once("nullif(dataset.how_to_ask, '')", ' ') }},
        'Nothing to ask for: its figures are fetched.'
    ) as how_to_ask
from {{ ref('agency') }} as agency
inner join {{ source('raw', 'dataset') }} as dataset
    on agency.agency = dataset.agency
group by agency.agency, agency.name_en, agency.name_ru, agency.name_kk, agency.site
