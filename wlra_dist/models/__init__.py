"""Whole models: from a model to a small model and back, by one price of a bit for all tensors."""

from wlra_dist.models import torch_face

torch = torch_face
"""What the package's face has under this name."""
