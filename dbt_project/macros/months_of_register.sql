{#-
  Hooks of an incremental model whose rows rest on the files of crossing_register_month. In the transaction that adds
  rows, `note_months` keeps which files each month was of; `forget_changed` takes away the periods (month or quarter) in
  which another file counts by now, so that they are missing and are made anew. Spark builds such models whole.
-#}
{% macro forget_changed(period) -%}
    {% if is_incremental() %}
        delete from {{ this }}
        where {{ period }} in (
            select changed.{{ period }}
            from (
                (from {{ months_noted() }} except from {{ ref('crossing_register_month') }})
                union all
                (from {{ ref('crossing_register_month') }} except from {{ months_noted() }})
            ) as changed
        )
    {% endif %}
{%- endmacro %}

{% macro note_months() -%}
    {% if target.type == 'duckdb' %}
        create or replace table {{ months_noted() }} as from {{ ref('crossing_register_month') }}
    {% endif %}
{%- endmacro %}

{% macro months_noted() -%}
    intermediate.months_of_{{ this.identifier }}
{%- endmacro %}
