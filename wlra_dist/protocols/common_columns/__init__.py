"""Columns that all parties know, and coefficients in their span."""
