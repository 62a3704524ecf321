"""Readers of matrix files, one format a file; each takes only the columns that are asked for."""
