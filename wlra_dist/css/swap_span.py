"""What columns leave of a block, and the best exchange of one of them, by BᵀB.

With R the rows of G = BᵀB that belong to columns S, each over the length of its column, and D = (CᵀC)^{-1}R of
the columns so scaled, EᵀE = G − RᵀD. A swap asks it for its diagonal, that of its square and its products with the
h_p. On wide blocks these follow from rows of G², of which a swap needs one new one, and EᵀE is not formed: a sixth of
the time at d = 1024, c = 40. There, too, squares cancel as in G²; so it is formed where little is left.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from wlra_dist.css.whole_gram import TRUSTED, WholeGram
from wlra_dist.linalg.ties import TIED, first_largest

WORTH = 1e-4
"""A swap must take this share of the residual away: smaller ones go on for long and bring nothing."""

WIDE = 512
"""Columns up to which EᵀE is formed in any case."""


@dataclass(frozen=True, eq=False)
class SeenBlock:
    """A block seen through G = BᵀB, and the rows of G² that were asked for."""

    whole: WholeGram
    _square: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def G(self) -> np.ndarray:
        return self.whole.G

    @cached_property
    def energies(self) -> np.ndarray:
        """‖b_j‖² (d)."""
        return np.diag(self.G)

    @cached_property
    def energy(self) -> float:
        """‖B‖_F²."""
        return float(np.trace(self.G))

    @cached_property
    def squares(self) -> np.ndarray:
        """The diagonal of G² (d)."""
        return np.einsum("ij,ij->j", self.G, self.G)

    @property
    def visible(self) -> float:
        """A column's own part, as a share of its energy, below which BᵀB has lost half of its digits: not looked at."""
        return self.whole.eps**0.5

    def square_rows(self, columns: np.ndarray) -> np.ndarray:
        """Rows of G² (|columns|×d)."""
        missing = [column for column in columns.tolist() if column not in self._square]
        if missing:
            self._square.update(zip(missing, self.G[missing] @ self.G, strict=True))
        return np.array([self._square[column] for column in columns.tolist()])


@dataclass(frozen=True, eq=False)
class SwapSpan:
    """What columns S of a block leave.

    Attributes:
        columns: S (c).
        R: rows of BᵀB over the columns' lengths (c×d).
        inverse: of the correlations of the columns (c×c).
        D: inverse·R (c×d).
        lengths: ‖e_j‖² (d).
        E: EᵀE (d×d), where it is formed.
    """

    seen: SeenBlock
    columns: np.ndarray
    R: np.ndarray
    inverse: np.ndarray
    D: np.ndarray
    lengths: np.ndarray
    E: np.ndarray | None

    @property
    def left(self) -> float:
        """‖E‖_F²."""
        return float(self.lengths.sum())

    @property
    def noise(self) -> float:
        """What is left is not told from less than this: G does not show it."""
        return TIED**2 * self.seen.energy

    @property
    def visible(self) -> bool:
        """Every column has enough to itself for G to show it."""
        return bool(np.diag(self.inverse).max() * self.seen.visible < 1)

    @property
    def dual_lengths(self) -> np.ndarray:
        """1/‖what each column has to itself‖, its own length being 1 (c×1)."""
        return np.sqrt(np.diag(self.inverse))[:, None]

    @cached_property
    def H(self) -> np.ndarray:
        """h_p (c×d)."""
        return self.D / self.dual_lengths

    @property
    def losses(self) -> np.ndarray:
        """What leaving out each column would add to what is left (c)."""
        return np.square(self.H).sum(axis=1)

    def best_swap(self) -> "SwapSpan | None":
        """S with the best exchange of one column; None if none is worth it."""
        f, HE = self.squared_remainder()
        losses, squares = self.losses[:, None], np.square(self.H)
        taken = f + 2 * self.H * HE + losses * squares
        lengths = self.lengths + squares
        visible = self.seen.visible if self.E is not None else max(self.seen.visible, TIED)
        trusted = lengths > visible * self.seen.energies
        gains = np.where(trusted, taken, 0.0) / np.where(trusted, lengths, 1.0) - losses
        p, j = np.unravel_index(first_largest(gains), gains.shape)
        if gains[p, j] <= WORTH * self.left or j in self.columns:
            return None
        columns = self.columns.copy()
        columns[p] = j
        return span_of(self.seen, columns)

    def squared_remainder(self) -> tuple[np.ndarray, np.ndarray]:
        """The diagonal of (EᵀE)² (d), and H EᵀE (c×d)."""
        if self.E is not None:
            return np.einsum("ij,ij->j", self.E, self.E), self.H @ self.E
        scales = np.sqrt(self.seen.energies[self.columns])
        RG = self.seen.square_rows(self.columns) / scales[:, None]
        RE = RG - (RG[:, self.columns] / scales) @ self.D
        f = self.seen.squares - np.einsum("ij,ij->j", self.D, RG + RE)
        return np.maximum(f, 0.0), self.inverse @ RE / self.dual_lengths


def span_of(seen: SeenBlock, S: np.ndarray) -> SwapSpan:
    """The span of columns S, none of them zero."""
    scales = np.sqrt(seen.energies[S])
    R = seen.G[S] / scales[:, None]
    inverse = _inverse(R[:, S] / scales, seen.visible)
    D = inverse @ R
    if len(seen.G) > WIDE:
        lengths = seen.energies - np.einsum("ij,ij->j", R, D)
        if lengths.sum() > TRUSTED * seen.energy:
            return SwapSpan(seen, S, R, inverse, D, lengths, None)
    E = seen.G - R.T @ D
    return SwapSpan(seen, S, R, inverse, D, np.diag(E), E)


def _inverse(correlations: np.ndarray, visible: float) -> np.ndarray:
    """Of correlations; where that is mostly rounding their pseudo-inverse, at ten times the cost."""
    try:
        inverse = np.linalg.inv(correlations)
    except np.linalg.LinAlgError:
        return np.linalg.pinv(correlations, hermitian=True)
    own = np.diag(inverse)
    trusted = own.min() > 0 and own.max() * visible < 1
    return (inverse + inverse.T) / 2 if trusted else np.linalg.pinv(correlations, hermitian=True)
