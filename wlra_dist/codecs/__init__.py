"""Bits in, arrays out: codes of numbers, sets and matrices; those of a family of protocols stand beside it."""
