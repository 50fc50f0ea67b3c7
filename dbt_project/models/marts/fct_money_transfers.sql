{{
    known_values(
        "indicator in ('money_transfers', 'money_transfers_share')",
        ['direction', "coalesce(breakdown_code, 'total') as transfer_system"],
    )
}}
