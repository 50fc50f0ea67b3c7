{#-
  The left join of one label column with the alias seed; `<name>.code` is its code, empty for an unknown label. A line
  of the seed holds for all datasets or for the named one.
-#}
{% macro alias_join(name, dictionary, dataset, folded_column) -%}
    left join {{ ref('alias') }} as {{ name }}
        on
            {{ folded_column }} = {{ name }}.label
            and {{ name }}.dictionary = '{{ dictionary }}'
            and coalesce({{ name }}.dataset, '{{ dataset }}') = '{{ dataset }}'
{%- endmacro %}
