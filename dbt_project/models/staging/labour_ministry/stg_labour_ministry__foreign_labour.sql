{%- set dataset = 'labour_ministry__foreign_labour' -%}

with printed as (
    {{ landed_rows(dataset) }}
),

-- What is printed as of a day is the stock at the end of the day before; a quota holds for its year.
folded as (
    select
        *,
        {{ folded_label('label') }} as label_folded,
        coalesce(
            cast(quota_year || '-01-01' as date), {{ add_days('stated_date', '-1') }}
        ) as first_day,
        coalesce(
            cast(quota_year || '-12-31' as date), {{ add_days('stated_date', '-1') }}
        ) as last_day,
        case when breakdown = 'country' then label end as country_label,
        case when breakdown = 'activity' then label end as activity_label,
        case when breakdown = 'permit_category' then label end as permit_category_label
    from printed
)

select
    '{{ dataset }}' as dataset,
    case folded.subject
        when 'permit_holders' then 'foreign_labour_permit_holders'
        when 'employers' then 'foreign_labour_employers'
        when 'citizens_employed' then 'citizens_employed_by_foreign_labour_employers'
        else folded.subject
    end || case when folded.measure = 'share_percent' then '_share' else '' end as indicator,
    cast(null as string) as direction,
    case when country.code is not null then 'citizenship' end as counterpart_kind,
    country.code as counterpart_code,
    cast(null as string) as region_code,
    case when folded.breakdown in ('activity', 'permit_category') then folded.breakdown end as breakdown,
    coalesce(activity.code, permit_category.code) as breakdown_code,
    folded.first_day as period_start,
    folded.last_day as period_end,
    case when folded.quota_year is null then 'stock' else 'flow' end as measurement,
    folded.amount as value,
    folded.unit,
    folded.precision as flag,
    folded.stated_date,
    folded.country_label,
    folded.activity_label,
    folded.permit_category_label,
    activity.code as activity_code,
    permit_category.code as permit_category_code,
    folded.breakdown = 'none' or coalesce(country.code, activity.code, permit_category.code) is not null as is_coded,
    folded.landing_number,
    folded.resource,
    folded.known_from,
    folded.known_basis,
    folded.source_file,
    folded.source_cell,
    folded.raw_text
from folded
{{ alias_join('country', 'country', dataset, "folded.breakdown = 'country' and folded.label_folded") }}
{{ alias_join('activity', 'activity', dataset, "folded.breakdown = 'activity' and folded.label_folded") }}
{{ alias_join(
    'permit_category', 'permit_category', dataset, "folded.breakdown = 'permit_category' and folded.label_folded"
) }}
