"""Models of an entropy coder, and what codes by them."""
