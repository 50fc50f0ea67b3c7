"""From an agency's endpoint or file to landed rows; knows nothing of Dagster or dbt."""
