"""What is formed when it is looked at is the matrix itself, for whoever looks: products, tails, selectors."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wlra_dist.css import SELECTORS, Stop, select
from wlra_dist.linalg import on_demand
from wlra_dist.linalg.basis import residual_energies
from wlra_dist.linalg.blocks import column_energies, gram, inner
from wlra_dist.linalg.matrix import columns_of
from wlra_dist.linalg.on_demand import OnDemand
from wlra_dist.linalg.remainder import Remainder
from wlra_dist.linalg.scale import largest, times_power
from wlra_dist.linalg.sketch import count_sketch
from wlra_dist.linalg.spectral.spectrum import certified_tail_energy, leading_right_vectors
from wlra_dist.linalg.spectral.subspace import leading_subspace

rng = np.random.default_rng(0)
TALL = rng.standard_normal((60, 4)) @ rng.standard_normal((4, 12)) + 0.1 * rng.standard_normal((60, 12))
TALL[:, 3] = 0
shapes = pytest.mark.parametrize("B", [TALL, TALL.T], ids=["tall", "wide"])


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_demand, "PIECE", 100)


def formed(B: np.ndarray) -> OnDemand:
    return OnDemand((len(B), B.shape[1]), lambda run: B[run], lambda columns: B[:, columns])


def from_below(B: np.ndarray) -> OnDemand:
    """The same by way of its transpose."""
    return formed(np.ascontiguousarray(B.T)).T


ASKED: dict[str, Callable[[Any], Any]] = {
    "rows": lambda B: B[7:10],
    "columns": lambda B: B[:, np.array([5, 1])],
    "energies": column_energies,
    "gram": gram,
    "inner": lambda B: inner(np.linalg.qr(np.arange(2.0 * B.shape[0]).reshape(-1, 2) ** 2)[0], B),
    "product": lambda B: B @ np.eye(B.shape[1])[:, :3],
    "tail": lambda B: certified_tail_energy(B, 3),
    "no tail": lambda B: certified_tail_energy(B, 12),
    "vectors": lambda B: np.abs(leading_right_vectors(B, 3)),
    "subspace": lambda B: leading_subspace(B, 3).outside,
    "residuals": lambda B: residual_energies(B, np.linalg.qr(B[:, np.arange(4)])[0]),
    "pivots": lambda B: Remainder.of(B).pivots(5)[0],
    "sketch": lambda B: count_sketch(B, 9, np.random.default_rng(1)),
    "largest": largest,
    "scaled": lambda B: times_power(B, -3)[:, np.arange(4)],
    "part": lambda B: column_energies(columns_of(B, np.array([4, 2, 9]))),
}


@shapes
@pytest.mark.parametrize("made", [formed, from_below])
@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_it_is_the_matrix(B: np.ndarray, made: Callable[[np.ndarray], OnDemand], asked: Callable[[Any], Any]):
    np.testing.assert_allclose(asked(made(B)), asked(B), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("stop", [Stop(4), Stop(None, 2.0)], ids=["count", "residual"])
@pytest.mark.parametrize("name", SELECTORS)
def test_every_selector_chooses_the_same_columns(name: str, stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wlra_dist.css.until.SMALL", 0)
    chosen = [select(SELECTORS[name](), B, stop, np.random.default_rng(3)).columns for B in (TALL, formed(TALL))]
    assert chosen[0].tolist() == chosen[1].tolist()
