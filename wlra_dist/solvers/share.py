"""The share of A in what EM approximates: S from F = W∘W, between 0 and 1.

Only F/max F leaves the loss as it is, and a few heavy entries then make it next to nothing everywhere else. The paper
(Woodruff & Yasuda, section 4) does not say how its weights were scaled. The other two spread S out, which moves light
entries sooner, at the price of another loss: the root minimises Σ √F_ij (A − Ã)_ij², the cut takes heavy entries for
equal.
"""

from typing import Literal

import numpy as np

from wlra_dist.weights import DenseWeights, Weights

Scale = Literal["max", "root", "quantile"]


def shares(W: Weights, scale: Scale, quantile: float) -> Weights:
    """Weights whose squares over their largest are S: F/max F, its root, or F over a quantile of its positive entries.

    What is beyond the quantile has S = 1. All but the first are formed whole (n×d).
    """
    if scale == "max":
        return W
    entries = W.dense(slice(None))
    entries = entries / (entries.max(initial=0.0) or 1.0)
    if scale == "root":
        return DenseWeights(np.sqrt(entries))
    some = entries[entries > 0]
    return DenseWeights(np.minimum(entries, np.quantile(some, quantile, method="lower")) if some.size else entries)
