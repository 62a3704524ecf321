"""One game, from a scenario to its outcome."""
