"""Bounds on OPT of rank one alone: branch and bound, and 2×2 minors."""
