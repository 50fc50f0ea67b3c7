{#- What dbt asks of Spark in another way than dbt-spark answers. -#}

{#- Types are declared by DuckDB's names; of these Spark knows varchar by another. -#}
{% macro spark__cast(field, type) -%}
    cast({{ field }} as {{ type | replace('varchar', 'string') }})
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set sql -%}
        create table {{ this }} (
            {%- for column in agate_table.column_names %}
            {{ column }} {{ model.config.column_types[column] | replace('varchar', 'string') }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) using parquet
    {%- endset -%}
    {%- do run_query(sql) -%}
    {{ return(sql) }}
{%- endmacro %}

{#- The lines of a seed as they stand; dbt-spark would take an empty cell for the text None, a number for a float. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set sql -%}
        insert into {{ this }}
        select
            {%- for column in agate_table.column_names %}
            {{ cast(column, model.config.column_types[column]) }}{{ ',' if not loop.last }}
            {%- endfor %}
        from values
        {%- for row in agate_table.rows %}
            (
                {%- for cell in row -%}
                    {{ 'null' if cell is none else "'" ~ dbt.escape_single_quotes(cell) ~ "'" }}{{ ', ' if not loop.last }}
                {%- endfor -%}
            ){{ ',' if not loop.last }}
        {%- endfor %}
            as line ({{ agate_table.column_names | join(', ') }})
    {%- endset -%}
    {%- if agate_table.rows -%}
        {%- do run_query(sql) -%}
    {%- endif -%}
    {{ return(sql) }}
{%- endmacro %}

{#- Spark's Parquet tables hold to no constraint: the cells and keys that DuckDB would refuse are looked for. -#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- set empty = ['false'] -%}
    {%- for column in model.columns.values() if column.constraints | selectattr('type', 'equalto', 'not_null') | list -%}
        {%- do empty.append(column.name ~ ' is null') -%}
    {%- endfor -%}
    {%- set repeated = ['0'] -%}
    {%- for constraint in model.constraints if constraint.type == 'primary_key' -%}
        {%- do empty.append(constraint.columns | join(' is null or ') ~ ' is null') -%}
        {%- do repeated.append('count(*) - count(distinct ' ~ constraint.columns | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- if empty | length + repeated | length > 2 -%}
        {%- set found = run_query(
            'select count_if(' ~ empty | join(' or ') ~ '), ' ~ repeated | join(' + ') ~ ' from ' ~ relation
        ).rows[0] -%}
        {%- if found[0] or found[1] -%}
            {{ exceptions.raise_compiler_error(
                relation ~ ': ' ~ found[0] ~ ' rows are empty where they must not be, ' ~ found[1] ~ ' repeat a key'
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
