"""What sweeps, comparisons and experiments leave on disk, one kind a file."""
