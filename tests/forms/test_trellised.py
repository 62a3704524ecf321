"""Rounded factors with and without a trellis: within the goal, fewer bits, near the rate-distortion bound."""

import numpy as np
import pytest
from scipy.sparse import csc_array

from wlra_dist.codecs.base.codec import decode, encode
from wlra_dist.forms import Rounded, Sent
from wlra_dist.linalg.blocks import energy
from wlra_dist.linalg.oriented_basis import oriented_basis
from wlra_dist.weights import DenseWeights

n, d, RANK = 240, 64, 6


def block(seed: int, spread: float) -> Sent:
    """Low rank plus noise; rows and columns of W differ by e^spread or so."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, RANK)) @ rng.standard_normal((RANK, d)) + 0.3 * rng.standard_normal((n, d))
    W = np.exp(spread * np.add.outer(rng.standard_normal(n), rng.standard_normal(d)))
    return Sent(A, DenseWeights(W), W * A)


def goal_of(sent: Sent) -> float:
    spectrum = np.linalg.svd(np.asarray(sent.B), compute_uv=False)
    return 1.1 * float(np.square(spectrum[RANK:]).sum())


@pytest.mark.parametrize("columns", [True, False])
@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_the_trellis_says_the_same_in_fewer_bits(columns: bool, spread: float, monkeypatch: pytest.MonkeyPatch):
    sent, form = block(1, spread), Rounded(columns)
    code, goal = form.code(sent.W), 2 * goal_of(sent)
    S = np.random.default_rng(2).permutation(d)[: d // 2]
    trellised = next(form.descriptions(sent, S, goal))
    monkeypatch.setattr("wlra_dist.forms.rounded.trellised", lambda *_: None)
    plain = next(form.descriptions(sent, S, goal))
    assert all(sent.loss(form.block(description, sent.W)) <= goal for description in (plain, trellised))
    assert code.bits(trellised) <= (0.95 if spread == 0 else 0.9) * code.bits(plain)
    written = encode(code, trellised)
    read, _ = decode(code, written.payload(), written.bits)
    assert np.array_equal(code.left_factor(read), code.left_factor(trellised))
    assert np.array_equal(read.coefficients, trellised.coefficients)


def test_coefficients_are_near_the_rate_distortion_bound_of_their_rows():
    sent, form = block(3, 0.0), Rounded(False)
    descriptions = list(form.descriptions(sent, np.arange(4 * RANK), goal_of(sent)))
    best = min(descriptions, key=form.code(sent.W).bits)
    Q, _ = oriented_basis(form.code(sent.W).left_factor(best))
    Y = Q.T @ np.asarray(sent.B)
    variances = np.square(Y).mean(axis=1)
    error = energy(Y - best.coefficients) / Y.size
    assert error < variances.min()  # so that no water is filled
    bound = float(0.5 * np.log2(variances / error).mean())
    bits = encode(form.code(sent.W), best).parts["coefficients"] / Y.size
    assert bits <= bound + 0.2


def test_sparse_blocks_that_are_too_large_to_be_made_dense_are_not_rounded(monkeypatch: pytest.MonkeyPatch):
    whole = block(1, 0.0)
    sparse, S, goal = Sent(csc_array(whole.A), whole.W, csc_array(whole.B)), np.arange(8), 2 * goal_of(whole)
    assert all(Rounded(True).proposals(sent, S, goal) for sent in (whole, sparse))
    monkeypatch.setattr("wlra_dist.forms.rounded.LARGEST", n * d - 1)
    assert [bool(Rounded(True).proposals(sent, S, goal)) for sent in (whole, sparse)] == [True, False]
