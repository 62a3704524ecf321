"""Numerical kernels on one block of columns, dense or sparse; dense blocks need numpy alone."""
