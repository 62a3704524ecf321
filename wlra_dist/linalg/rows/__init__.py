"""Matrices that are looked at a few rows at a time: their products, sketches and truncated SVD."""
