"""Tests through the public ways in: real HTTP, real files, a real DuckDB."""

import tools  # noqa: F401  before openpyxl is: it settles how openpyxl writes
