"""The assets of the main job: source files, raw tables, dbt models, dataset status, release."""
