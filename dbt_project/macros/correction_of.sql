{#- What a flag says of a correction, to its end; empty where it says nothing of one. -#}
{% macro correction_of(flag) -%}
    nullif(regexp_extract({{ flag }}, '(?s)(corrected: .*)$', 1), '')
{%- endmacro %}

{#- Whether a line of the seed correction speaks of this observation, whatever value it states. -#}
{% macro is_figure_of(observation, correction) -%}
    {{ correction }}.dataset = {{ observation }}.dataset
        and {{ correction }}.indicator = {{ observation }}.indicator
        and {{ correction }}.direction is not distinct from {{ observation }}.direction
        and {{ correction }}.geography_code
        is not distinct from coalesce({{ observation }}.counterpart_code, {{ observation }}.region_code)
        and {{ correction }}.breakdown_code is not distinct from {{ observation }}.breakdown_code
        and {{ correction }}.period_start = {{ observation }}.period_start
        and {{ correction }}.period_end = {{ observation }}.period_end
        and {{ correction }}.unit = {{ observation }}.unit
{%- endmacro %}
