"""Combinations of columns lose what the formula says, and no game whose output is one does better."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.instances import SharedRow, alone
from wlra_dist.linalg.matrix import dense
from wlra_dist.playing.play import play
from wlra_dist.record.summary import summary
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.world.world import Alone


def whole(kind: SharedRow) -> np.ndarray:
    return dense(kind.open(alone).block(slice(None)))


@given(st.integers(2, 12), st.integers(1, 3), st.integers(1, 2), st.floats(1, 1e4))
def test_opt_is_what_is_left_of_each_block_without_its_direction(t: int, r: int, k: int, g: float):
    kind = SharedRow(t=t, r=r, k=k, g=g)
    values = np.linalg.svd(whole(kind), compute_uv=False)
    assert np.square(values[r * k :]).sum() == pytest.approx(kind.open(alone).facts["OPT"], abs=1e-6)


@given(st.data(), st.integers(2, 9), st.integers(1, 3), st.floats(1, 100))
def test_no_columns_lose_less_than_their_number_allows(data: st.DataObject, t: int, K: int, g: float):
    """Least squares on any columns; where each block has as many of them, the formula is what they lose."""
    kind = SharedRow(t=t, k=K, g=g)
    B, OPT = whole(kind), K * (t - 1)
    S = data.draw(st.lists(st.integers(0, K * t - 1), min_size=1, unique=True))
    left = B - B[:, S] @ np.linalg.lstsq(B[:, S], B, rcond=None)[0]
    lost = float(np.square(left).sum()) / OPT
    assert lost >= kind.loss(len(S) / K) * (1 - 1e-9) - 1e-9
    if len(set(np.bincount(np.array(S) // t, minlength=K).tolist())) == 1:
        assert lost == pytest.approx(kind.loss(len(S) / K), abs=1e-9)


@given(st.integers(2, 10**6), st.integers(1, 9), st.floats(1e-3, 10))
def test_so_many_columns_do_and_one_fewer_does_not(t: int, K: int, epsilon: float):
    kind = SharedRow(t=t, k=K)
    c = kind.columns_for(epsilon)
    assert kind.loss(c / K) <= 1 + epsilon < kind.loss((c - 1) / K)


@pytest.mark.parametrize(
    ("t", "epsilon", "c"), [(10**6, 0.1, 10), (10**6, 0.01, 100), (10**4, 0.01, 62), (100, 0.01, 10)]
)
def test_it_takes_one_over_epsilon_columns_only_of_many(t: int, epsilon: float, c: int):
    """c² + ε(t − 1)c = t where g is large, so c ≈ 1/ε for t far above 1/ε², and √t for t far below."""
    assert SharedRow(t=t, g=1e6).columns_for(epsilon) == c


@pytest.mark.parametrize("epsilon", [0.5, 0.2, 0.1])
@pytest.mark.parametrize("name", ["one_way", "block_qrcp"])
def test_games_of_columns_take_so_many(name: str, epsilon: float):
    kind = SharedRow(t=60, r=2)
    asked = ProtocolOptions(name, epsilon=epsilon, codec="paper", bounds="quick")
    outcome = play(Scenario("", "", "shared_row", kind, GameOptions(servers=1), asked), Alone())
    assert outcome is not None
    assert outcome.holds
    columns = sum(summary(outcome)["columns"])
    assert outcome.certificate.loss / 118 >= kind.loss(columns / 2) - 1e-6
    assert kind.columns_for(epsilon) <= columns <= kind.columns_for(epsilon) + 4
