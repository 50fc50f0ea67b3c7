{%- set counted = "measure = 'value' and unit = 'persons'" -%}
{%- set printed = "measure = 'value' and unit = 'percent'" -%}

with permit as (
    select
        quarter,
        geography_code as region_code,
        dataset,
        {{ figure(counted) }} as permits,
        {{ figure(printed) }} as printed_share,
        {{ figure("measure = 'share_of_stated'") }} as share_of_stated,
        {{ figure("measure = 'share_of_sum'") }} as share_of_sum,
        {{ figure(counted, 'rank') }} as rank_by_permits,
        {{ figure(printed, 'rank') }} as rank_by_printed_share,
        coalesce({{ figure(counted, 'rank_of') }}, {{ figure(printed, 'rank_of') }}) as rank_of,
        {{ figure(counted, 'flag') }} as permits_flag,
        {{ figure_flag(printed) }} as printed_share_flag,
        {{ comparisons(counted, 'permits_') }}
        {{ comparisons(printed, 'printed_share_', has_percent=false, has_since_january=false) }}
        bool_and(is_headline) as is_headline,
        {{ joined_ways('obtained_via') }} as obtained_via,
        max(known_from) as known_from,
        {{ joined_once('known_basis', ' and ') }} as known_basis
    from {{ ref('quarterly_indicator') }}
    where
        indicator in ('temporary_residence_permits', 'temporary_residence_permits_share')
        and geography_kind = 'region'
        and breakdown is null
    group by quarter, geography_code, dataset
)

select
    permit.quarter,
    permit.region_code,
    dim_region.name_en as region,
    permit.permits,
    case
        when permit.permits is null then coalesce(permit.permits_flag, 'only its share is printed')
        else permit.permits_flag
    end as permits_flag,
    permit.share_of_stated,
    permit.share_of_sum,
    permit.printed_share,
    permit.printed_share_flag,
    coalesce(permit.rank_by_permits, permit.rank_by_printed_share) as rank,
    permit.rank_of,
    {{ compared_columns('permit', 'permits_') | trim }},
    {{ compared_columns('permit', 'printed_share_', has_percent=false, has_since_january=false) | trim }},
    permit.dataset,
    permit.is_headline,
    permit.obtained_via,
    permit.known_from,
    permit.known_basis
from permit
left join {{ ref('dim_region') }} as dim_region
    on permit.region_code = dim_region.region_code
