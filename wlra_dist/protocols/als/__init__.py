"""Alternating minimisation among servers: its messages, and what each side computes."""
