"""Columns whose own noise adds least to the others: A-optimal designs on the leading subspace.

If Z (K×d) are the coordinates of the columns in that subspace, a column z = Z_S·x takes ‖x‖² times the noise of a
column with it; in total trace((Z_S Z_Sᵀ)⁻¹ ZZᵀ).
"""

from functools import cached_property

import numpy as np

from wlra_dist.linalg.blocks import column_energies
from wlra_dist.protocols.sketched.tail import SketchedPart

WEAK = 1e-3
"""Before columns span a direction, a column with this part of the energy of Z's least direction stands for it."""


class Design:
    """Columns of one part, chosen to make trace((Z_S Z_Sᵀ)⁻¹ ZZᵀ) small."""

    def __init__(self, sketch: SketchedPart, known: np.ndarray) -> None:
        self.columns = sketch.part.place.columns
        self.Z, _ = sketch.leading
        self.rank, self.d = self.Z.shape
        self.noise = sketch.tail / max(self.d, 1)
        self.energies = column_energies(self.Z)
        self.size = 0
        self.free = self.energies > 0
        # what spans nothing yet is as bad as a column far below the least direction of Z
        least = float(np.square(self.Z).sum(axis=1).min(initial=np.inf)) if self.rank else 1.0
        self.inverse = np.eye(self.rank) / (WEAK * least)
        self.scatter = self.Z @ self.Z.T
        for j in known:
            self._add(int(j))

    @property
    def spans(self) -> bool:
        return self.size >= self.rank

    @property
    def loss(self) -> float:
        """Of exact coefficients: the noise of columns that are not known, and that of the known ones in them."""
        return self.noise * (self.d - self.size + float(np.vdot(self.inverse, self.scatter)))

    @cached_property
    def _gains(self) -> np.ndarray:
        P = self.inverse @ self.Z
        taken = np.einsum("ij,ij->j", P, self.scatter @ P) / (1 + np.einsum("ij,ij->j", self.Z, P))
        return np.where(self.free, taken, 0.0)

    @property
    def gain(self) -> float:
        """How much less the best column makes the loss; where there is no noise, what is not spanned counts alone."""
        best = float(self._gains.max(initial=0.0))
        if not self.noise and not self.spans and best:
            return float(np.finfo(float).tiny)
        return self.noise * best

    def take(self) -> int:
        """The best column, by its place among all."""
        j = int(self._gains.argmax())
        self._add(j)
        return int(self.columns[j])

    def _add(self, j: int) -> None:
        z = self.Z[:, j]
        Mz = self.inverse @ z
        self.inverse = self.inverse - np.outer(Mz, Mz) / (1 + z @ Mz)
        self.free[j] = False
        self.size += 1
        self.__dict__.pop("_gains", None)
