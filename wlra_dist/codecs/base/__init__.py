"""Bits, numbers, and codes made of codes."""
