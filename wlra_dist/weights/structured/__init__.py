"""Support-disjoint rank-one pieces plus sparse: W^{∘-1} is of the same form (Woodruff & Yasuda, Lemma A.1)."""
