{#-
  The columns identify a row; nulls count as values, because an empty dimension is part of the grain. Rows are counted
  by a hash first: only those that share one are counted by their columns.
-#}
{% test grain(model, columns) %}
with shared_hash as (
    select hash_of_row
    from (select {{ hash_of(columns) }} as hash_of_row from {{ model }}) as hashed
    group by hash_of_row
    having count(*) > 1
)

select {{ columns | join(', ') }}, count(*) as row_count
from {{ model }}
where {{ hash_of(columns) }} in (select hash_of_row from shared_hash)
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
