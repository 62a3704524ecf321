"""Some rows of all columns, and all rows of some: what is asked for, answered, and made of the answers."""
