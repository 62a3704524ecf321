"""Tables of runs, sweeps, comparisons, experiments and bounds, one kind a file."""
