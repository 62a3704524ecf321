"""Scenarios: all that is public about a game before it begins."""
