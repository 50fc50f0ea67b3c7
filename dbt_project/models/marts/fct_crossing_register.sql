-- Late rows of a month whose own file is not there are not its figure.
with month_with_file as (
    select distinct file_month
    from {{ ref('crossing_register_count') }}
    where known_to is null
)

select
    counted.month,
    {{ quarter_of('counted.month') }} as quarter,
    counted.checkpoint_code,
    counted.direction,
    counted.citizenship_code,
    counted.purpose_code,
    cast(sum(counted.crossings) as bigint) as crossings,
    cast(sum(case when counted.file_month > counted.month then counted.crossings else 0 end) as bigint)
        as late_crossings,
    max(counted.known_from) as known_from
from {{ ref('crossing_register_count') }} as counted
inner join month_with_file
    on counted.month = month_with_file.file_month
where counted.known_to is null and counted.is_coded
group by
    counted.month,
    counted.checkpoint_code,
    counted.direction,
    counted.citizenship_code,
    counted.purpose_code
