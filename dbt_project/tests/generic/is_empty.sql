{#- The table has no rows: each row of it is a thing to mend. -#}
{% test is_empty(model) %}
select *
from {{ model }}
{% endtest %}
