"""BᵀB in float32, and when it is not believed."""

import numpy as np
import pytest

from wlra_dist.css import SELECTORS, Stop
from wlra_dist.css.whole_gram import TRUSTED, WholeGram, by_gram
from wlra_dist.linalg.basis import orthonormal_basis, residual_energy
from wlra_dist.linalg.blocks import energy

FLOAT32, FLOAT64 = (float(np.finfo(kind).eps) for kind in (np.float32, np.float64))


@pytest.fixture(autouse=True)
def _small_blocks_count_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wlra_dist.css.whole_gram.LARGE", 0)


def tried(B: np.ndarray, left: float) -> list[float]:
    """In which precisions BᵀB was formed, where what is chosen leaves this share of the energy."""
    precisions: list[float] = []

    def choose(whole: WholeGram) -> tuple[None, float]:
        precisions.append(whole.eps)
        error = np.abs(whole.G - B.astype(float).T @ B).max()
        assert error <= 8 * whole.eps * np.diag(whole.G).max()
        return None, left * float(np.trace(whole.G))

    by_gram(B, choose)
    return precisions


def test_float32_is_believed_where_it_shows_what_is_left():
    B = np.random.default_rng(0).standard_normal((300, 20)).astype(np.float32)
    assert tried(B, 1.01 * TRUSTED) == [FLOAT32]
    assert tried(B, 0.99 * TRUSTED) == [FLOAT32, FLOAT64]
    assert tried(B.astype(float), 1.0) == [FLOAT64]


@pytest.mark.parametrize("power", [-70, 70])
def test_squares_that_float32_does_not_have_are_formed_in_float64(power: int):
    B = np.ldexp(np.random.default_rng(0).standard_normal((300, 20)).astype(np.float32), power)
    assert tried(B, 1.0) == [FLOAT64]


@pytest.mark.parametrize("name", ["greedy", "swaps", "osinsky", "dual_set"])
@pytest.mark.parametrize("decades", [1, 6])
def test_columns_chosen_by_float32_leave_what_those_of_float64_do(name: str, decades: float):
    rng = np.random.default_rng(3)
    spectrum = 10.0 ** (-decades * np.arange(40) / 40)
    B = (rng.standard_normal((90, 40)) * spectrum @ rng.standard_normal((40, 50))).astype(np.float32)
    rough, exact = (
        residual_energy(B, orthonormal_basis(B[:, SELECTORS[name]()(block, Stop(12), rng).columns]))
        for block in (B, B.astype(float))
    )
    assert rough <= 1.01 * exact + 1e-12 * energy(B)
