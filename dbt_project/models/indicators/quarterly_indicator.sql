with flow_of_quarter as (
    select
        quarter,
        indicator,
        direction,
        case
            when counterpart_code is not null then 'country'
            when region_code is not null then 'region'
            else 'total'
        end as geography_kind,
        coalesce(counterpart_code, region_code) as geography_code,
        breakdown,
        breakdown_code,
        unit,
        value,
        coverage,
        flag,
        dataset,
        obtained_via,
        known_from,
        known_basis
    from {{ ref('quarterly_observation') }}
),

average_rate as (
    select
        rate.quarter,
        'exchange_rate_average' as indicator,
        cast(null as varchar) as direction,
        'total' as geography_kind,
        cast(null as varchar) as geography_code,
        'currency' as breakdown,
        rate.currency as breakdown_code,
        'KZT per ' || rate.currency as unit,
        rate.value,
        rate.coverage,
        rate.flag,
        dataset.dataset,
        dataset.obtained_via,
        rate.known_from,
        'latest of its rates' as known_basis
    from {{ ref('quarterly_exchange_rate') }} as rate
    inner join {{ ref('dim_dataset') }} as dataset
        on
            dataset.dataset = case
                when rate.basis like '%form 33' then 'national_bank__average_exchange_rates'
                else 'national_bank__exchange_rates'
            end
)

select * from flow_of_quarter
union all
select * from average_rate
