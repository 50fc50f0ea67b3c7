"""Tests through the public ways in: real HTTP, real files, a real DuckDB."""
