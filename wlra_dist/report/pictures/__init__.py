"""Pictures of runs, sweeps, comparisons and experiments, one kind a file."""
