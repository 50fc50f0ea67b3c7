with month_of_quarter as (
    select
        quarter,
        count(distinct month) as months
    from {{ ref('fct_crossing_register') }}
    group by quarter
)

select
    register.quarter,
    register.checkpoint_code,
    register.direction,
    register.citizenship_code,
    register.purpose_code,
    cast(sum(register.crossings) as bigint) as crossings,
    cast(sum(register.late_crossings) as bigint) as late_crossings,
    cast(month_of_quarter.months as string) || ' of 3' as coverage,
    max(register.known_from) as known_from
from {{ ref('fct_crossing_register') }} as register
inner join month_of_quarter
    on register.quarter = month_of_quarter.quarter
group by
    register.quarter,
    register.checkpoint_code,
    register.direction,
    register.citizenship_code,
    register.purpose_code,
    month_of_quarter.months
