"""Inputs on which any accurate output tells all of A: what lower bounds on communication are made of."""
