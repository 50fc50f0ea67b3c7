with described (schema_name, table_name, column_name, column_position, data_type, unit, definition) as (
    values {{ described() }}
),

tables_and_columns as (
    select
        case when column_name is null then 'table' else 'column' end as kind,
        concat_ws('.', schema_name, table_name, column_name) as name,
        schema_name,
        table_name,
        column_name,
        cast(column_position as integer) as column_position,
        data_type,
        unit,
        definition
    from described
),

licences as (
    select
        agency,
        {{ joined_once('licence', ' / ') }} as licence
    from {{ ref('dim_dataset') }}
    group by agency
),

named as (
    select
        'indicator' as kind,
        indicator as name,
        unit,
        name_en as label_en,
        name_ru as label_ru,
        name_kk as label_kk,
        definition,
        concat_ws(' ', quarter_rule, publisher_rule, nullif(share_rule, 'None.')) as rule,
        caveat,
        agency,
        cast(null as string) as licence,
        cast(null as string) as web_page
    from {{ ref('dim_indicator') }}
    union all
    select
        'unit' as kind,
        unit as name,
        unit,
        name_en as label_en,
        name_ru as label_ru,
        name_kk as label_kk,
        definition,
        null as rule,
        null as caveat,
        null as agency,
        null as licence,
        null as web_page
    from {{ ref('unit') }}
    union all
    select
        'agency' as kind,
        agency.agency as name,
        null as unit,
        agency.name_en as label_en,
        agency.name_ru as label_ru,
        agency.name_kk as label_kk,
        concat('Publishes: ', agency.publishes, '.') as definition,
        null as rule,
        null as caveat,
        agency.agency,
        licences.licence,
        agency.site as web_page
    from {{ ref('dim_agency') }} as agency
    inner join licences
        on agency.agency = licences.agency
    union all
    select
        'dataset' as kind,
        dataset as name,
        null as unit,
        title as label_en,
        null as label_ru,
        null as label_kk,
        concat(title, '. A figure is of a ', period, '; obtained via ', obtained_via, '.') as definition,
        null as rule,
        null as caveat,
        agency,
        licence,
        source_page as web_page
    from {{ ref('dim_dataset') }}
)

select
    kind,
    name,
    schema_name,
    table_name,
    column_name,
    column_position,
    data_type,
    unit,
    cast(null as string) as label_en,
    cast(null as string) as label_ru,
    cast(null as string) as label_kk,
    definition,
    cast(null as string) as rule,
    cast(null as string) as caveat,
    cast(null as string) as agency,
    cast(null as string) as licence,
    cast(null as string) as web_page
from tables_and_columns
union all
select
    kind,
    name,
    null as schema_name,
    null as table_name,
    null as column_name,
    null as column_position,
    null as data_type,
    unit,
    label_en,
    label_ru,
    label_kk,
    definition,
    rule,
    caveat,
    agency,
    licence,
    web_page
from named
