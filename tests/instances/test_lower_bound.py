"""The instance of Thm 1.5 is what the theorem says, and the referee decodes it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wlra_dist.instances import Entries, LowerBound, alone
from wlra_dist.linalg.matrix import dense
from wlra_dist.playing.play import play
from wlra_dist.record.summary import summary
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.world.world import Alone

kinds = st.builds(
    LowerBound,
    s=st.integers(1, 6),
    r=st.integers(2, 5),
    k=st.integers(1, 4),
    pad=st.integers(1, 3),
    seed=st.integers(0, 2**63 - 1),
)


def whole(kind: LowerBound) -> np.ndarray:
    return dense(kind.open(alone).block(slice(None)))


def entries(A: np.ndarray) -> Entries:
    return lambda i, j: A[i, j]


@given(kind=kinds)
def test_only_the_corners_of_the_diagonal_blocks_are_filled(kind: LowerBound) -> None:
    i, j = np.indices((kind.height, kind.height))
    corner = (i // kind.side == j // kind.side) & (i % kind.side < kind.s) & (j % kind.side < kind.k)
    A = whole(kind)
    assert np.count_nonzero(corner) == kind.family.entropy
    assert not A[~corner].any()
    assert set(np.unique(A)) <= {0, 1}


@given(s=st.integers(1, 4), r=st.integers(1, 7), k=st.integers(1, 4), n=st.integers(28, 60), d=st.integers(1, 60))
def test_any_number_of_rows_will_do(s: int, r: int, k: int, n: int, d: int) -> None:
    kind = LowerBound(s=s, r=r, k=k, n=n, d=d, weight=2)
    instance, A = kind.open(alone), whole(kind)
    assert instance.shape == A.shape == (n, d)
    assert not A[instance.weights.dense(slice(None)) == 1].any()
    assert kind.family.entropy == s * min(r * k, d)


@pytest.mark.parametrize("options", [{"n": 24, "pad": 2}, {"n": 23}, {"n": 10_000_001}])
def test_a_height_that_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="n = "):
        LowerBound(s=8, r=3, k=2, **options)


@given(kind=kinds)
def test_repeating_the_blocks_gives_rank_k_and_no_loss(kind: LowerBound) -> None:
    """The theorem's A*: r copies of A_pad side by side have rank k and agree with A on supp(W)."""
    A, W = whole(kind), kind.open(alone).weights.dense(slice(None))
    A_pad = sum(np.split(A, kind.r, axis=1), start=np.zeros((kind.height, kind.side)))
    repeated = np.tile(A_pad, kind.r)
    assert np.linalg.matrix_rank(repeated) <= kind.k
    assert np.array_equal(W * repeated, A)


@given(kind=kinds, data=st.data())
def test_the_referee_decodes_up_to_half_a_unit(kind: LowerBound, data: st.DataObject) -> None:
    A, check = whole(kind), kind.open(alone).check
    assert check is not None
    error = data.draw(st.floats(-0.49, 0.49))
    assert check(entries(A + error)) == {"decoded": True}


@given(kind=kinds, data=st.data())
def test_the_referee_sees_a_single_wrong_bit(kind: LowerBound, data: st.DataObject) -> None:
    A, check = whole(kind), kind.open(alone).check
    assert check is not None
    block, i, j = (data.draw(st.integers(0, most - 1)) for most in (kind.r, kind.s, kind.k))
    place = block * kind.side + i, block * kind.side + j
    for wrong in (1 - A[place], np.nan):
        A[place] = wrong
        assert check(entries(A))["decoded"] is False


@settings(max_examples=5)
@given(seed=st.integers(0, 2**63 - 1))
def test_bits_are_fair(seed: int) -> None:
    kind = LowerBound(s=64, r=8, k=8, seed=seed)
    ones, deviation = np.count_nonzero(whole(kind)), kind.family.entropy**0.5 / 2
    assert abs(ones - kind.family.entropy / 2) < 7 * deviation


def test_sizes_beyond_the_limit_are_refused() -> None:
    with pytest.raises(ValueError, match="is more than 10000000"):
        LowerBound(s=10_000_000, r=2, k=1)


def test_the_game_of_12_bits_is_the_one_that_the_docs_follow() -> None:
    kind = LowerBound(s=3, r=2, k=2)
    A = whole(kind).astype(int)
    text = (Path(__file__).parents[2] / "docs" / "lower-bounds.md").read_text(encoding="utf-8")
    lines = [" ".join(str(entry) if i // 3 == j // 3 else "·" for j, entry in enumerate(A[i])) for i in range(6)]
    assert "\n".join(f"       {row}" for row in lines) in text
    outcome = play(Scenario("", "", "", kind, GameOptions(servers=1), ProtocolOptions("one_way")), Alone())
    assert outcome is not None
    facts = summary(outcome)
    values, *parts = (
        facts["bits_by_part"][part] for part in ("values of C", "column indices", "support of C", "header")
    )
    words = "{} bits here: 12 are the entries, {} say which columns, {} on which rows, {} that entries are bits, and {}"
    assert words.format(facts["bits"], *parts[:2], values - 12, parts[2]) in " ".join(text.split())
