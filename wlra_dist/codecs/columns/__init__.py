"""Sets and patterns of columns."""
