"""Whole models: from a model to a small model and back, by one price of a bit for all tensors."""
