"""Sparse blocks of which more columns are needed than a dense basis may have: they are sent as they are."""

import numpy as np
import pytest
from scipy.sparse import random_array

from tests.game.playing import in_one_process, merged
from tests.protocols.small import Small, servers_for
from wlra_dist.css import SELECTORS
from wlra_dist.errors import InputError
from wlra_dist.protocols import Terms
from wlra_dist.protocols.bounds import word_bits
from wlra_dist.weights import BlockMask, LowRankWeights, Weights

n, d = 120, 60
MOST = 4
"""Columns that a basis may have here."""

each_protocol = pytest.mark.parametrize("protocol", ["local_budget", "one_round", "one_way", "two_thirds"])


@pytest.fixture(autouse=True)
def lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wlra_dist.linalg.basis.LARGEST_BASIS", MOST * n)
    monkeypatch.setattr("wlra_dist.css.until.SMALL", 0)  # or such a small block is treated as a dense one


def sparse(W: Weights, *, integer: bool, m: int = 2, columns: int | None = None) -> Small:
    """Five nonzeros in a hundred: no few columns leave little."""
    A = random_array((n, d), density=0.05, rng=np.random.default_rng(1)).toarray()
    A = np.ceil(3 * A) if integer else A
    terms = Terms(
        k=2,
        r=2,
        epsilon=0.1,
        word=word_bits(n, d),
        bound=3 if integer else None,
        sparse=True,
        width=64,
        selector=SELECTORS["auto"](),
        columns=columns,
    )
    return Small(A, W, m, terms)


def bits_and_loss(small: Small, protocol: str) -> tuple[int, float]:
    game, solution = in_one_process(small.body(protocol), coins="public")
    assert solution is not None
    return sum(entry.bits for entry in merged([game])[0]), small.loss(solution)


@each_protocol
@pytest.mark.parametrize("integer", [True, False])
@pytest.mark.parametrize("mask", [True, False])
def test_all_is_sent_without_a_loss_in_about_the_bits_of_raw(protocol: str, integer: bool, mask: bool):
    m = servers_for(protocol, 1 if protocol == "local_budget" else 2)  # of two, one might be allowed the loss of both
    W = BlockMask.even(n, d, m) if mask else LowRankWeights(np.ones((n, 1)), np.ones((1, d)))  # a block a server
    small = sparse(W, integer=integer, m=m)
    bits, loss = bits_and_loss(small, protocol)
    assert loss == 0
    assert bits < 1.2 * bits_and_loss(small, "raw")[0]


def test_so_many_columns_as_were_asked_for_are_not_replaced_by_all():
    """Six kinds of columns, and eight drawn at random: they are no basis as they are."""
    small = sparse(BlockMask.even(n, d, 1), integer=False, m=1, columns=8).on(selector=SELECTORS["uniform"]())
    A = np.repeat(small.A[:, :6], 10, axis=1)
    with pytest.raises(InputError, match=f"no more than {MOST} sparse columns of {n} rows"):
        bits_and_loss(Small(A, small.W, 1, small.terms), "one_round")


def test_where_a_basis_fits_columns_are_chosen():
    small = sparse(BlockMask.even(n, d, 1), integer=False)
    A = small.A * (np.arange(d) % 10 == 0)
    assert 0 < bits_and_loss(Small(A, small.W, 2, small.terms), "one_round")[0] < bits_and_loss(small, "raw")[0] / 4
