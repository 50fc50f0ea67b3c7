select
    agency.agency,
    agency.name_en,
    agency.name_ru,
    agency.name_kk,
    agency.site,
    string_agg(dataset.title, '; ' order by dataset.dataset) as publishes,
    string_agg(
        dataset.title || ': ' || coalesce(dataset.how_to_ask, 'fetched, see ' || dataset.source_page),
        ' ' order by dataset.dataset
    ) as how_to_ask
from {{ ref('agency') }} as agency
inner join {{ source('raw', 'dataset') }} as dataset
    on agency.agency = dataset.agency
group by agency.agency, agency.name_en, agency.name_ru, agency.name_kk, agency.site
