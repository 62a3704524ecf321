"""Trellis-coded real matrices."""
