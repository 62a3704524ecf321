"""Eigenvalues, singular values and leading subspaces, with the rounding error of each."""
