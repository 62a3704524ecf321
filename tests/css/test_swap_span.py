"""What a swap is judged by: EᵀE formed, and the same from rows of G²."""

import numpy as np
import pytest

from wlra_dist.css.selection import Stop
from wlra_dist.css.swap_span import SeenBlock, span_of
from wlra_dist.css.swaps import Swaps
from wlra_dist.css.whole_gram import EPS, TRUSTED, WholeGram


def block(n: int, d: int, seed: int, decades: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    spectrum = 10.0 ** (-decades * np.arange(n) / n)
    return rng.standard_normal((n, n)) * spectrum @ rng.standard_normal((n, d)) * rng.uniform(0.2, 1, d)


def seen(B: np.ndarray) -> SeenBlock:
    return SeenBlock(WholeGram(B.T @ B, EPS, 1e-14))


@pytest.mark.parametrize("wide", [0, 100])
def test_a_span_knows_what_is_left_of_each_column_and_what_each_of_its_own_is_worth(
    wide: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("wlra_dist.css.swap_span.WIDE", wide)
    B = block(20, 30, 0)
    span = span_of(seen(B), np.array([3, 17, 5]))
    assert (span.E is None) == (wide == 0)
    E = B - B[:, span.columns] @ np.linalg.pinv(B[:, span.columns]) @ B
    assert span.left == pytest.approx(np.square(E).sum())
    assert np.allclose(span.lengths, np.square(E).sum(axis=0))
    f, HE = span.squared_remainder()
    assert np.allclose(f, np.square(E.T @ E).sum(axis=0))
    assert np.allclose(HE, span.H @ (E.T @ E))
    for p, loss in enumerate(span.losses):
        C = B[:, np.delete(span.columns, p)]
        assert np.square(B - C @ np.linalg.pinv(C) @ B).sum() == pytest.approx(span.left + loss)


@pytest.mark.parametrize("seed", range(5))
def test_swaps_are_the_same_whether_the_remainder_is_formed_or_not(seed: int, monkeypatch: pytest.MonkeyPatch):
    B = block(40, 60, seed)
    columns: list[list[int]] = []
    for wide in (0, 100):
        monkeypatch.setattr("wlra_dist.css.swap_span.WIDE", wide)
        found = Swaps(("norm", "gram_qr"))(B, Stop(8), np.random.default_rng(0))
        columns.append(found.columns.tolist())
    assert columns[0] == columns[1]


def test_where_little_is_left_the_remainder_is_formed(monkeypatch: pytest.MonkeyPatch):
    """Its square, 1e-16 of that of G, is not seen as a difference of squares of that size."""
    monkeypatch.setattr("wlra_dist.css.swap_span.WIDE", 0)
    B = block(30, 40, 1) + 0.0
    L = B[:, :10] @ np.random.default_rng(2).standard_normal((10, 40)) + 1e-4 * B
    for count, formed in ((5, False), (10, True)):
        span = span_of(seen(L), np.arange(count))
        assert (span.left <= TRUSTED * span.seen.energy) == formed == (span.E is not None)
