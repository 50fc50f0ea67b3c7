"""Audit of printed figures: a claims file is read, derived and judged. No Dagster, no dbt, no fetching."""
