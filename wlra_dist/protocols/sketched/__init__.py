"""Columns chosen on sketches with common coins."""
