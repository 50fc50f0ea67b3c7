{#-
  A quotient as decimal(24,9), rounded half away from zero, empty when the divisor is nought. DuckDB divides
  decimals as floats; whole numbers are divided here, so that every engine gives the same last digit.
-#}
{% macro divide(numerator, denominator) -%}
    {%- set n = 'cast(cast(' ~ numerator ~ ' as decimal(24, 9)) * 1000000000 as decimal(38, 0))' -%}
    {%- set d = 'cast(cast(' ~ denominator ~ ' as decimal(24, 9)) * 1000000000 as decimal(38, 0))' -%}
    cast(
        cast(
            sign({{ n }}) * sign({{ d }})
            * (
                (2000000000 * cast(abs({{ n }}) as hugeint) + cast(abs({{ d }}) as hugeint))
                // nullif(2 * cast(abs({{ d }}) as hugeint), 0)
            )
            as decimal(28, 0)
        ) * cast(0.000000001 as decimal(10, 9))
        as decimal(24, 9)
    )
{%- endmacro %}
