"""Optima decided over the real numbers, where problems are tiny."""
