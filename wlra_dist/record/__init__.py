"""What a run leaves, and all that reads it again: replay, audit, expand."""
