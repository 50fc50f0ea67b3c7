{#-
  Whether a folded Russian name is that of a district or town administration of KATO's second level: `район` as a word
  of its own, or `г.а` at the end. All 209 units of that level are named so, and no unit of the first.
-#}
{% macro is_district(folded_column) -%}
    {{ matches(folded_column, '(^| )район( |$)| г[.] ?а$') }}
{%- endmacro %}
