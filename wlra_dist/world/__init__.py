"""Processes: MPI, and all that can go wrong with them."""
