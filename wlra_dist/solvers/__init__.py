"""Solvers of weighted low rank approximation on one machine, one file each."""
