{#-
  A regular expression as a literal. Both engines' expressions agree in what is used here: classes, `\x{...}`, groups,
  alternatives; neither looks ahead nor back.
-#}
{% macro pattern(expression) -%}
    {{ adapter.dispatch('pattern')(expression) }}
{%- endmacro %}

{% macro duckdb__pattern(expression) -%}
    '{{ expression }}'
{%- endmacro %}

{#- Without `r` Spark would take the backslashes for its own. -#}
{% macro spark__pattern(expression) -%}
    r'{{ expression }}'
{%- endmacro %}

{#- Whether a part of the text is of the expression. -#}
{% macro matches(text, expression) -%}
    {{ adapter.dispatch('matches')(text, expression) }}
{%- endmacro %}

{% macro duckdb__matches(text, expression) -%}
    regexp_matches({{ text }}, {{ pattern(expression) }})
{%- endmacro %}

{% macro spark__matches(text, expression) -%}
    regexp_like({{ text }}, {{ pattern(expression) }})
{%- endmacro %}

{#- The text with each part that is of the expression replaced; `\1` in the replacement is the first group. -#}
{% macro replaced(text, expression, replacement='') -%}
    {{ adapter.dispatch('replaced')(text, expression, replacement) }}
{%- endmacro %}

{% macro duckdb__replaced(text, expression, replacement) -%}
    regexp_replace({{ text }}, {{ pattern(expression) }}, '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replaced(text, expression, replacement) -%}
    regexp_replace({{ text }}, {{ pattern(expression) }}, '{{ replacement | replace("\\", "$") }}')
{%- endmacro %}
