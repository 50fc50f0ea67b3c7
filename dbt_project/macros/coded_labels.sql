{#-
  The printed labels of one column of a table with their codes, a row a label: for tables of many rows, which join
  it by label and fold each label once. `code` is empty for an unknown label.
-#}
{% macro coded_labels(relation, column, dictionary, dataset) -%}
    select
        printed.label,
        known.code
    from (
        select
            label,
            {{ folded_label('label') }} as folded
        from (select distinct {{ column }} as label from {{ relation }}) as printed_label
        where label is not null
    ) as printed
    {{ alias_join('known', dictionary, dataset, 'printed.folded') }}
{%- endmacro %}
