"""Files that analysts take away from a release: CSV, a workbook, SDMX-CSV (docs/exports.md)."""
