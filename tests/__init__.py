import tools  # noqa: F401  before openpyxl is: it settles how openpyxl writes
