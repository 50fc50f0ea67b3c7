{#-
  A quotient as decimal(24,9), rounded half away from zero, empty when the divisor is nought. DuckDB divides
  decimals as floats; whole numbers are divided here, so that every engine gives the same last digit.
-#}
{% macro divide(numerator, denominator) -%}
    {%- set n = 'cast(cast(' ~ numerator ~ ' as decimal(24, 9)) * 1000000000 as decimal(38, 0))' -%}
    {%- set d = 'cast(cast(' ~ denominator ~ ' as decimal(24, 9)) * 1000000000 as decimal(38, 0))' -%}
    cast(
        cast(
            cast(sign({{ n }}) * sign({{ d }}) as integer) * {{ billionths('abs(' ~ n ~ ')', 'abs(' ~ d ~ ')') }}
            as decimal(28, 0)
        ) * cast(0.000000001 as decimal(9, 9))
        as decimal(24, 9)
    )
{%- endmacro %}

{#- The quotient of two whole numbers, neither below nought, in billionths rounded half up. -#}
{% macro billionths(numerator, denominator) -%}
    {{ adapter.dispatch('billionths')(numerator, denominator) }}
{%- endmacro %}

{% macro duckdb__billionths(numerator, denominator) -%}
    (
        (2000000000 * cast({{ numerator }} as hugeint) + cast({{ denominator }} as hugeint))
        // nullif(2 * cast({{ denominator }} as hugeint), 0)
    )
{%- endmacro %}

{#- Spark has whole division of bigints only. Less the remainder, a number divides without a fraction. -#}
{% macro spark__billionths(numerator, denominator) -%}
    {%- set n = 'cast(2000000000 * ' ~ numerator ~ ' + ' ~ denominator ~ ' as decimal(38, 0))' -%}
    {%- set d = 'nullif(cast(2 * ' ~ denominator ~ ' as decimal(38, 0)), 0)' -%}
    cast(({{ n }} - {{ n }} % {{ d }}) / {{ d }} as decimal(28, 0))
{%- endmacro %}
