{#- A value is within a quarter of the one before, where that is at most a week older. -#}
{% test no_jump(model, column_name, by, over) %}
with beside_the_one_before as (
    select
        *,
        lag({{ column_name }}) over (partition by {{ by }} order by {{ over }}) as value_before,
        lag({{ over }}) over (partition by {{ by }} order by {{ over }}) as day_before
    from {{ model }}
)

select
    {{ by }},
    {{ over }},
    {{ column_name }},
    value_before,
    day_before,
    source_file,
    source_cell
from beside_the_one_before
where
    {{ over }} <= {{ add_days('day_before', '7') }}
    and ({{ column_name }} * 4 < value_before * 3 or {{ column_name }} * 4 > value_before * 5)
{% endtest %}
