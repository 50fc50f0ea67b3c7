{#- What is to be said of some figures: of each its name, then why it is empty or what a reader must know of it. -#}
{% macro told(names, value_suffix='', flag_suffix='_flag') -%}
    nullif(
        concat_ws(
            '; '
            {%- for name, column in names.items() %},
            '{{ name }}: ' || case
                when {{ column }}{{ value_suffix }} is null
                    then coalesce({{ column }}{{ flag_suffix }}, 'no figure known')
                else {{ column }}{{ flag_suffix }}
            end
            {%- endfor %}
        ),
        ''
    )
{%- endmacro %}
