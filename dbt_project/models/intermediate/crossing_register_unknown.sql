select
    'border_service__crossing_register' as dataset,
    version.landing_number,
    version.source_file,
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
inner join {{ ref('crossing_register_version') }} as version
    on counted.file_key = version.file_key
where not counted.is_coded
