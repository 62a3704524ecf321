"""Many games side by side: comparisons, sweeps, experiments."""
