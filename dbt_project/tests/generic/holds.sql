{#- The condition is true for every row; a null result counts as false. -#}
{% test holds(model, condition, column_name=none) %}
select *
from {{ model }}
where not coalesce({{ condition }}, false)
{% endtest %}
