"""Scripts for maintainers: they write the recorded files from the figures in tools/figures/."""

import os

# openpyxl writes other bytes where lxml is installed; recorded files are the same everywhere.
os.environ["OPENPYXL_LXML"] = "False"
