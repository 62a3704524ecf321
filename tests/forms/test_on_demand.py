"""A block whose W∘A nobody holds is described as one whose W∘A is at hand."""

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csc_array

from wlra_dist.forms import Rounded, Sent
from wlra_dist.forms.plain import Plain
from wlra_dist.linalg import on_demand
from wlra_dist.linalg.basis import orthonormal_basis, residual_energy
from wlra_dist.linalg.matrix import dense
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, SparseWeights, Weights
from wlra_dist.weights.loss import weighted_loss
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighing import product_of, weigh

n, d, RANK = 400, 24, 4
rng = np.random.default_rng(0)
U, V = rng.uniform(0.5, 2, (n, 2)), rng.uniform(0.5, 2, (2, d))
WEIGHTS: dict[str, Weights] = {
    "dense": DenseWeights(rng.uniform(0.5, 2, (n, d)).astype(np.float32)),
    "low rank": LowRankWeights(U, V),
    "mask": BlockMask.even(n, d, 2),
    "sparse": SparseWeights(csc_array(np.where(rng.random((n, d)) < 0.3, 1.5, 0))),
}
A = (rng.standard_normal((n, RANK)) @ rng.standard_normal((RANK, d)) + 0.1 * rng.standard_normal((n, d))).astype("f4")
each_weights = pytest.mark.parametrize("W", WEIGHTS.values(), ids=WEIGHTS.keys())


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_demand, "PIECE", 1000)


@each_weights
def test_what_is_formed_has_the_bits_of_what_is_held(W: Weights) -> None:
    held, formed = dense(weigh(W, A)), product_of(W, A)
    assert np.array_equal(formed[:], held)
    assert np.array_equal(np.vstack([piece for _, piece in formed.pieces()]), held)
    assert np.array_equal(formed[:, np.array([7, 2])], held[:, [7, 2]])


@each_weights
@pytest.mark.parametrize("form", [Rounded(True), Rounded(False), Plain(None, False, False, 32, (16, 24, 64), 0.1)])
def test_the_description_is_the_same(W: Weights, form: Any) -> None:
    S = np.random.default_rng(1).permutation(d)[:12]
    held, code, bits = dense(weigh(W, A)), form.code(W), []
    goal = 2 * residual_energy(held, orthonormal_basis(held[:, S]))
    for B in (held, product_of(W, A)):
        sent = Sent(A, W, B)
        description = next(iter(form.descriptions(sent, S, goal)))
        assert sent.loss(form.block(description, W)) <= goal
        bits.append(code.bits(description))
    assert bits[1] <= 1.01 * bits[0]


@each_weights
def test_the_loss_is_that_of_all_rows(W: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    block = ReweightedBlock(W, np.arange(4), A[:, :4], rng.standard_normal((4, d - 4)))
    whole = weighted_loss(A, block)
    monkeypatch.setattr("wlra_dist.weights.loss.HELD", 0)
    monkeypatch.setattr(
        "wlra_dist.weights.loss.runs", lambda n, _: (slice(at, min(at + 50, n)) for at in range(0, n, 50))
    )
    assert weighted_loss(A, block) == pytest.approx(whole, rel=1e-12)
