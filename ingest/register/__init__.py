"""Registers: files with one row an event, millions of rows, which DuckDB reads itself.

door.py looks at a file before a byte of it is kept; landing.py takes it into the raw table.
"""
