"""Components of supp(W) described by themselves: one server takes no more bits for them than as many would."""

import numpy as np
import pytest

from tests.game.playing import in_one_process, merged
from tests.protocols.small import Small
from wlra_dist.codecs.base.choice import Choice
from wlra_dist.codecs.base.codec import decode, encode
from wlra_dist.css import SELECTORS
from wlra_dist.forms import Rounded, Sent, are_alike
from wlra_dist.protocols import Terms
from wlra_dist.protocols.bounds import word_bits
from wlra_dist.weights import BlockMask
from wlra_dist.weights.components import components

N, D, R = 32, 24, 4


def masked(kind: str, seed: int = 0, *, apart: bool = False) -> Small:
    """Rank 2 and noise on each block of a mask; its rows and columns in any order, if not `apart`."""
    rng = np.random.default_rng(seed)
    blocks = [np.arange(size) * R // size for size in (N, D)]
    rows, columns = blocks if apart else map(rng.permutation, blocks)
    W = BlockMask(np.asarray(rows), np.asarray(columns))
    U, V, noise = rng.standard_normal((N, 2)), rng.standard_normal((2, D)), rng.standard_normal((N, D))
    A = U @ V + 0.1 * noise if kind == "real" else np.rint(2 * U) @ np.rint(V) + (noise > 1)
    A = W.dense(slice(None)) * A
    bound = None if kind == "real" else int(np.abs(A).max())
    return Small(A, W, 1, Terms(2, R, 0.2, word_bits(N, D), bound, kind == "sparse", 64, SELECTORS["auto"]()))


def bits(small: Small) -> int:
    played, _ = in_one_process(small.body("one_round"))
    return sum(entry.bits for entry in merged([played])[0])


@pytest.mark.parametrize("kind", ["real", "integer", "sparse"])
def test_one_server_says_no_more_than_as_many_as_there_are_components(kind: str):
    small = masked(kind, apart=True)
    assert bits(small) <= bits(Small(small.A, small.W, R, small.terms))


@pytest.mark.parametrize("kind", ["real", "sparse"])
def test_rows_and_columns_of_a_component_may_stand_anywhere(kind: str):
    small = masked(kind, 1)
    _, solution = in_one_process(small.body("one_round"))
    assert solution is not None
    tails = [
        np.square(np.linalg.svd(small.A[np.ix_(*place)], compute_uv=False)[2:]).sum() for place in components(small.W)
    ]
    assert small.loss(solution) <= 1.2 * sum(tails) * (1 + 1e-9)


def test_components_without_energy_cost_what_names_them():
    small, own = masked("real", 2, apart=True), slice(0, D // R)
    alone = Small(small.A[:, own], small.W.block(own), 1, small.terms)
    A = small.A * (np.arange(D) < D // R)
    assert bits(Small(A, small.W, 1, small.terms)) <= bits(alone) + 50 * (R - 1)  # that there is nothing


def test_components_in_one_form_name_it_once():
    small = masked("real", 3, apart=True)
    alike, any_form = small.terms.by_component(small.W)
    form, block = Rounded(columns=True), Sent(small.A, small.W, small.A)
    chosen = [Choice(0, next(form.descriptions(part, np.arange(3), 9.0))) for part in alike.parts(block)]
    assert are_alike(chosen)
    written = encode(alike.code(small.W), chosen)
    assert written.bits == encode(any_form.code(small.W), chosen).bits - (R - 1)
    again, _ = decode(alike.code(small.W), written.payload(), written.bits)
    assert block.loss(alike.block(again, small.W)) == block.loss(alike.block(chosen, small.W)) <= R * 9.0
