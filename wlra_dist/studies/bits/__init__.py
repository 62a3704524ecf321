"""The standard set of instances, and the records on it: where protocols' bits are compared."""
