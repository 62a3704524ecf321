"""The processes that play together: who started them, and how each of them ends. Nothing here is slow to import."""
