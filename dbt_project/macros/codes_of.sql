{#- The codes of dictionaries, from the seeds and columns of `codes` and from the values of `lists`. -#}
{% macro codes_of(codes, lists) -%}
    {%- set selects = [] -%}
    {%- for dictionary, seeds in codes.items() -%}
        {%- for seed, column in seeds.items() -%}
            {%- do selects.append("select '" ~ dictionary ~ "' as dictionary, " ~ column ~ " as code from " ~ ref(seed)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for dictionary, values in lists.items() -%}
        {%- for value in values -%}
            {%- do selects.append("select '" ~ dictionary ~ "' as dictionary, '" ~ value ~ "' as code") -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ selects | join(' union all ') }}
{%- endmacro %}
