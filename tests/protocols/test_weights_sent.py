"""A secret W: its message is exact, is counted, and changes nothing else."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array

from tests.record.recorded_runs import undrawn
from wlra_dist.codecs.base.bits import DecodeError
from wlra_dist.codecs.base.codec import decode, encode
from wlra_dist.errors import InputError
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols.weights_code import WholeWeights
from wlra_dist.record.replay import replay
from wlra_dist.record.summary import summary
from wlra_dist.record.write import write_record
from wlra_dist.scenario.toml import find, load
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, SparseWeights, Weights
from wlra_dist.world.world import Alone

Run = Callable[..., subprocess.CompletedProcess[str]]


def drawn(seed: int) -> Weights:
    rng = np.random.default_rng(seed)
    n, d, r = (int(rng.integers(1, most)) for most in (20, 20, 5))
    whole = rng.integers(0, 3, (n, d)).astype(float)
    kinds: list[Callable[[], Weights]] = [
        lambda: BlockMask.even(n, d, r),
        lambda: BlockMask(rng.integers(0, r, n), rng.integers(0, r, d)),
        lambda: LowRankWeights(rng.integers(0, 4, (n, r)).astype(float), rng.random((r, d))),
        lambda: LowRankWeights(rng.random((n, r)).astype(np.float32), rng.random((r, d)) * 1e30),
        lambda: SparseWeights(csc_array(whole)),
        lambda: SparseWeights(csc_array(whole * rng.random((n, d)))),
        lambda: DenseWeights(whole),
        lambda: DenseWeights(rng.random((n, d))),
    ]
    return kinds[rng.integers(len(kinds))]()


@given(seed=st.integers(0, 2**32))
def test_what_is_decoded_is_w_bit_for_bit(seed: int) -> None:
    W = drawn(seed)
    code = WholeWeights(*W.shape)
    written = encode(code, W)
    decoded, read = decode(code, written.payload(), written.bits)
    assert np.array_equal(decoded.dense(slice(None)), W.dense(slice(None)))
    assert written.bits == code.bits(W) <= code.limit
    assert written.parts == read.parts == {"weights": written.bits}
    assert written.numbers == read.numbers


@given(seed=st.integers(0, 2**32), data=st.data())
def test_hostile_words_are_weights_or_refused(seed: int, data: st.DataObject) -> None:
    W = drawn(seed)
    code = WholeWeights(*W.shape)
    written = encode(code, W)
    payload = bytearray(written.payload())
    payload[data.draw(st.integers(0, len(payload) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        decoded, _ = decode(code, bytes(payload), written.bits)
    except DecodeError:
        return
    assert decoded.shape == W.shape
    assert (decoded.dense(slice(None)) >= 0).all()


@pytest.mark.parametrize(
    ("W", "most"),
    [
        (BlockMask.even(4096, 4096, 64), 2 * 64 * 12),  # where each of 63 blocks ends, twice
        (LowRankWeights(np.ones((300, 2)), np.arange(1.0, 401).repeat(2).reshape(400, 2).T), 2 * 400 * 11),
        (DenseWeights(np.random.default_rng(0).random((30, 40))), 30 * 40 * 64 + 8),
        (DenseWeights(np.random.default_rng(0).random((30, 40)).astype(np.float32)), 30 * 40 * 32 + 8),
    ],
)
def test_structure_shortens_w(W: Weights, most: int) -> None:
    assert WholeWeights(*W.shape).bits(W) <= most


GAMES = {
    "mask": ["servers", "n=60", "d=32", "s=8", "k=2", "servers=4"],
    "factors": ["servers", "n=60", "d=32", "s=8", "k=2", "servers=3", "weights=low_rank", "deal=at random"],
    "hard": ["lower_bound", "s=8"],
    "bwz with one server": ["servers", "n=60", "d=32", "s=8", "k=2", "servers=1", "protocol=bwz"],
    "everyone": ["lower_bound", "s=8", "protocol=one_round", "servers=3", "output=everyone"],
}


def played(name: str, *settings: str) -> Outcome:
    scenario, *own = GAMES[name]
    outcome = play(load(find(scenario), [*own, *settings]), Alone())
    assert outcome is not None
    return outcome


def bits(outcome: Outcome, label: str = "") -> int:
    return sum(entry.bits for entry in outcome.account.entries if label in ("", entry.label))


@pytest.mark.parametrize("name", GAMES)
def test_the_game_is_the_same_and_w_comes_on_top(name: str, tmp_path: Path) -> None:
    public, secret = played(name), played(name, "game.weights=sent")
    more, own = bits(secret) - bits(public), bits(secret, "W")
    if name == "everyone":
        assert 3 * own < more < 3 * own + 400  # W_i is passed on to the two others, with its length
    else:
        assert more == own > 0
    assert secret.solution.digest == public.solution.digest
    assert secret.holds
    assert summary(secret)["upper_bound_fails"] == "the theorems' W is public; here it is sent as well"
    write_record(secret, tmp_path / "run", undrawn)
    assert replay(tmp_path / "run").same


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (["game.weights=sent", "protocol=bwz"], "servers look at others' columns"),
        (["deal=rows"], "whole columns are dealt here, no rows; docs/lower-bounds.md says"),
        (["deal=summands"], "no summands"),
    ],
)
def test_what_is_not_played_is_refused_in_a_sentence(settings: list[str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        load(find("servers"), settings)


def test_a_bare_key_weights_is_the_instance_s_where_it_has_one() -> None:
    assert load(find("servers"), ["weights=low_rank"]).facts()["instance"]["weights"] == "low_rank"
    assert load(find("lower_bound"), ["weights=sent"]).game.weights == "sent"
