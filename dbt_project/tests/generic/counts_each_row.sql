{#- The crossings counted of a dataset's file are its landed rows: none is left out, none counted twice. -#}
{% test counts_each_row(model, dataset) %}
with counted as (
    select file_key, sum(crossings) as crossings
    from {{ model }}
    group by file_key
),

landed as (
    select distinct file_key, row_count
    from {{ source('raw', 'register_file') }}
    where dataset = '{{ dataset }}'
)

select landed.file_key, landed.row_count, counted.crossings
from landed
full join counted on landed.file_key = counted.file_key
where landed.row_count is distinct from counted.crossings
{% endtest %}
