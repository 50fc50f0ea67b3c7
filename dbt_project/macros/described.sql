{#-
  A row for each published table and each of its columns, from what the YAML of the models says: schema, table, column,
  position, type, unit, description. The tables that the audit writes are sources (models/audit/claims.yml).
-#}
{% macro described() -%}
    {%- set rows = [] -%}
    {%- if execute -%}
        {%- set quote = dbt.escape_single_quotes("'") -%}
        {%- for node in (graph.nodes.values() | list) + (graph.sources.values() | list)
            if node.resource_type in ('model', 'source') and node.schema in ('marts', 'indicators', 'audit') -%}
            {%- set table = "'%s', '%s', " % (node.schema, node.alias or node.identifier) -%}
            {%- do rows.append(table ~ "null, null, null, null, '%s'" % node.description.replace("'", quote)) -%}
            {%- for column in node.columns.values() -%}
                {%- set unit = column.config.meta.unit -%}
                {%- do rows.append(table ~ "'%s', %d, '%s', %s, '%s'" % (
                    column.name, loop.index, column.data_type, "'" ~ unit ~ "'" if unit else 'null',
                    column.description.replace("'", quote)
                )) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for row in rows or ['null, null, null, null, null, null, null'] %}
        ({{ row }}){{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- Comments on the columns of a table: the description, and the unit of a figure. Called by persist_docs. -#}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {%- for column in column_dict.values() %}
        {%- set unit = column.config.meta.unit %}
        {%- set comment = column.description ~ (' Unit: ' ~ unit ~ '.' if unit and unit != 'none' else '') %}
    comment on column {{ relation }}.{{ adapter.quote(column.name) }} is {{ duckdb_escape_comment(comment) }};
    {%- endfor %}
{% endmacro %}
