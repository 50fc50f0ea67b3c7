{%- set condition -%}
    indicator in ('permanent_migration', 'permanent_migration_children_under_18', 'migration_balance_all_flows')
{%- endset -%}

{{ known_values(condition, ['direction', "coalesce(breakdown_code, 'total') as locality"]) }}
