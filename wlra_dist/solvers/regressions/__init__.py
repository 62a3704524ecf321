"""Many weighted least squares problems that share a matrix, a row each: one half of alternating minimisation, alone."""
