"""Which tables of a release stand in the workbook: topics in their order, each with its sheets.

A header can be frozen and filtered for one table alone, so a topic of several tables has a sheet for each;
they stand side by side under one colour. A name of a sheet has at most 31 characters.
"""

from __future__ import annotations

TOPICS = {
    "headline": {"headline": "indicators.quarterly_headline"},
    "remittances": {
        "remittances": "indicators.quarterly_remittances",
        "remittances by country": "indicators.quarterly_remittances_by_country",
        "money transfers as stated": "marts.fct_money_transfers",
    },
    "exchange rates": {
        "exchange rates": "indicators.quarterly_exchange_rates",
        "exchange rates by month": "marts.fct_monthly_exchange_rates",
        "exchange rates by day": "marts.fct_exchange_rates",
    },
    "border crossings": {
        "border crossings by country": "indicators.quarterly_border_crossings_by_country",
        "border crossings by group": "indicators.quarterly_border_crossings_by_group",
        "border crossings as stated": "marts.fct_border_crossings",
        "register beside letters": "indicators.quarterly_border_crossings_compared",
    },
    "migration": {
        "migration by country": "indicators.quarterly_permanent_migration_by_country",
        "migration by group": "indicators.quarterly_permanent_migration_by_group",
        "migration as stated": "marts.fct_permanent_migration",
    },
    "temporary residence": {
        "temporary residence by region": "indicators.quarterly_temporary_residence_by_region",
        "temporary residence as stated": "marts.fct_temporary_residence_permits",
    },
    "foreign labour": {
        "foreign labour by country": "indicators.quarterly_foreign_labour_by_country",
        "foreign labour by activity": "indicators.quarterly_foreign_labour_by_activity",
        "foreign labour by category": "indicators.quarterly_foreign_labour_by_category",
        "foreign labour as stated": "marts.fct_foreign_labour",
    },
    "policy": {"policy events": "marts.fct_policy_events"},
    "all figures": {"all quarterly figures": "indicators.quarterly_indicator"},
    "definitions": {
        "indicators": "marts.dim_indicator",
        "datasets": "marts.dim_dataset",
        "agencies": "marts.dim_agency",
        "source files": "marts.dim_source_file",
        "countries": "marts.dim_country",
        "groups of countries": "marts.dim_group",
        "members of groups": "marts.dim_group_member",
        "regions": "marts.dim_region",
        "codes of breakdowns": "marts.dim_breakdown",
    },
}

# Histories, checks, the calendar: for queries, not for reading; they are in the CSV files. What the
# dictionary says stands in the sheet of notes. A register has more rows than a sheet.
NOT_IN_THE_WORKBOOK = frozenset(
    {
        "audit.claim",
        "audit.claim_check",
        "audit.correction",
        "audit.crossing_register_file",
        "audit.lineage",
        "audit.reconciliation",
        "audit.revision",
        "audit.unmatched_label",
        "indicators.indicator_history",
        "indicators.quarterly_crossing_register",
        "marts.dim_quarter",
        "marts.fct_crossing_register",
        "marts.dictionary",
    }
)
