with counted_file as (
    select distinct
        file_key,
        month
    from {{ ref('crossing_register_count') }}
    where is_coded
),

current_version as (
    select
        landing_number,
        file_key,
        file_month
    from {{ ref('crossing_register_version') }}
    where known_to is null
)

-- Late rows of a month whose own file is not there are not its figure.
select
    counted_file.month,
    {{ quarter_of('counted_file.month') }} as quarter,
    {{ joined_in_order('cast(current_version.landing_number as string)', ', ', 'current_version.landing_number') }}
        as landing_numbers
from counted_file
inner join current_version
    on counted_file.file_key = current_version.file_key
where counted_file.month in (select own.file_month from current_version as own)
group by counted_file.month
