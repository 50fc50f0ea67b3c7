with in_own_unit as (
    select
        dataset,
        obtained_via,
        indicator,
        direction,
        counterpart_kind,
        counterpart_code,
        region_code,
        breakdown,
        breakdown_code,
        unit,
        period_start as month_start,
        value,
        cast(null as varchar) as reason,
        known_from,
        known_basis
    from {{ ref('observation') }}
    where
        dataset = 'national_bank__money_transfers'
        and known_to is null
        and measurement = 'flow'
        and period_end = last_day(period_start)
),

in_dollars as (
    select
        tenge.dataset,
        tenge.obtained_via,
        tenge.indicator,
        tenge.direction,
        tenge.counterpart_kind,
        tenge.counterpart_code,
        tenge.region_code,
        tenge.breakdown,
        tenge.breakdown_code,
        'mln USD' as unit,
        tenge.month_start,
        {{ divide('tenge.value', 'rate.conversion_rate') }} as value,
        rate.reason,
        case
            when rate.known_from > tenge.known_from and rate.conversion_rate is not null then rate.known_from
            else tenge.known_from
        end as known_from,
        tenge.known_basis
    from in_own_unit as tenge
    inner join {{ ref('fct_monthly_exchange_rates') }} as rate
        on
            tenge.month_start = rate.month_start
            and rate.currency = 'USD'
    where tenge.unit = 'mln KZT'
)

select * from in_own_unit
union all
select * from in_dollars
