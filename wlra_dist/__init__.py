"""A distributed communication-game simulator for weighted low rank approximation."""

__version__ = "0.1.0"
