"""All of B in steps that are made finer until the loss is proved."""
