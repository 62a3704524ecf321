"""Few distinct rows and columns (Li et al.): the problem on one of each kind, its optimum decided, factors for all."""
