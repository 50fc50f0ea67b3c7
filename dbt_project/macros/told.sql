{#- What is to be said of some figures: the text of each behind its name, a text of several behind all their names. -#}
{% macro told(texts) -%}
    {%- set names = texts.keys() | list -%}
    {%- set flags = texts.values() | list -%}
    nullif(
        concat_ws(
            '; '
            {%- for name in names %}
            {%- set flag = flags[loop.index0] -%}
            ,
            case
                {%- if not loop.first %}
                when {{ flag }} in ({{ flags[:loop.index0] | join(', ') }}) then null
                {%- endif %}
                when {{ flag }} is not null
                    then concat_ws(
                        ', ',
                        '{{ name }}'
                        {%- for place in range(loop.index, names | length) %},
                        case when {{ flags[place] }} = {{ flag }} then '{{ names[place] }}' end
                        {%- endfor %}
                    ) || ': ' || {{ flag }}
            end
            {%- endfor %}
        ),
        ''
    )
{%- endmacro %}
