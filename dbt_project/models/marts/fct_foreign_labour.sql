{{
    known_values(
        "dataset = 'labour_ministry__foreign_labour'",
        [
            "coalesce(breakdown, 'total') as breakdown",
            "coalesce(breakdown_code, 'total') as breakdown_code",
            "case when measurement = 'stock' then " ~ add_days('period_end', 1) ~ " end as stated_on",
        ],
    )
}}
