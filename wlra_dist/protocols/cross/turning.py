"""A public random basis for the rows of a part: in it, any rows are a sketch, and a column is told by its entries.

x → P·DCT(D·x) with random signs D and a random order P (Ailon & Chazelle 2006): an orthogonal transform after which
energy is spread evenly. A sketch of t rows is the first t rows; a column that is asked for is the rest of that column,
so that nothing is sent twice.
"""

import numpy as np

from wlra_dist.protocols.parts import Part

_TURN = 0
"""The purpose of these coins."""


def turn(B: np.ndarray, part: Part, seed: int) -> np.ndarray:
    """Columns of a part in the public basis (n×d)."""
    from scipy.fft import dct

    signs, order = _coins(part, seed)
    return np.asarray(dct(signs[:, None] * B, axis=0, norm="ortho"))[order]


def turn_back(X: np.ndarray, part: Part, seed: int) -> np.ndarray:
    """The columns of which X is the turned."""
    from scipy.fft import idct

    signs, order = _coins(part, seed)
    straight = np.empty_like(X)
    straight[order] = X
    return signs[:, None] * np.asarray(idct(straight, axis=0, norm="ortho"))


def _coins(part: Part, seed: int) -> tuple[np.ndarray, np.ndarray]:
    coins, n = part.coins(seed, _TURN), part.shape[0]
    return coins.choice(np.array([-1.0, 1.0]), n), coins.permutation(n)
