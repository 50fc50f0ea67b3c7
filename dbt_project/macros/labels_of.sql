{#-
  The labels of one column of a staging model that have no code, for audit.unmatched_label. Where a row need not have
  such a label, `is_optional` passes over rows without one.
-#}
{% macro labels_of(model_name, dictionary, label_column, code_column, is_optional=false) -%}
    select
        dataset,
        '{{ dictionary }}' as dictionary,
        {{ label_column }} as label,
        landing_number,
        source_file,
        source_cell
    from {{ ref(model_name) }}
    where {{ code_column }} is null{{ ' and ' ~ label_column ~ ' is not null' if is_optional }}
{%- endmacro %}
