"""Equal rows and equal columns, sent once."""
