"""Human-shaped sheets: find a table by its labels from a layout that an analyst writes, and read it.

The way in is `table.read_table`; workbook.py opens xls, xlsx and csv into grids; layout.py is the YAML;
header.py, columns.py and rows.py find and judge; labels.py, figures.py and periods.py read single cells;
preview.py draws a sheet with its roles.
"""
