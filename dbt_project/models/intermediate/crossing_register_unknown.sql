select
    'border_service__crossing_register' as dataset,
    counted.landing_number,
    landed_file.source_file,
    'month ' || substr(cast(counted.month as string), 1, 7) as source_cell,
    counted.unknown_checkpoint,
    counted.checkpoint_code,
    counted.unknown_direction,
    counted.direction,
    counted.unknown_citizenship,
    counted.citizenship_code,
    counted.unknown_purpose,
    counted.purpose_code
from {{ ref('crossing_register_count') }} as counted
inner join {{ ref('landed_file') }} as landed_file
    on counted.landing_number = landed_file.landing_number
where not counted.is_coded
