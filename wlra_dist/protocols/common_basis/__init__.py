"""One left factor for all columns, from SVDs or from Frequent Directions."""
