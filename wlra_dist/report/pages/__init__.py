"""Pages to look at, one HTML file each: of a run, a sweep, a comparison, an optimum, a small model."""
