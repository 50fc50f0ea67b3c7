{#-
  How far a stated value may lie from the exact one: half a unit of the last printed decimal; of a value flagged as
  rounded, half of the power of ten that it ends in; nothing for a whole count.
-#}
{% macro rounding_of(value, unit, flag, raw_text) -%}
    case
        when {{ raw_text }} like '%,%' or {{ raw_text }} like '%.%'
            then
                0.5 * case {{ unit }} when 'mln KZT' then 1000 else 1 end
                / power(10, length(regexp_extract({{ raw_text }}, '[.,]([0-9]+)', 1)))
        when {{ flag }} like 'rounded%'
            then 0.5 * power(10, length(regexp_extract(cast(cast(round({{ value }}, 0) as bigint) as string), '(0*)$', 1)))
        else 0
    end
{%- endmacro %}
