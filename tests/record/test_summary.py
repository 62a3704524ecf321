"""The summary adds up, survives JSON, and its figures are the ledger's."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wlra_dist.game.book import Booked, Entry
from wlra_dist.playing.play import Outcome, play
from wlra_dist.protocols import bounds
from wlra_dist.protocols.bounds import lower
from wlra_dist.record.summary import plain, summary
from wlra_dist.record.theory import FAILS, LOWER_BOUNDS
from wlra_dist.scenario.toml import load
from wlra_dist.world.world import Alone

KEYS = """
    scenario protocol servers ranks n d k r loss lower_bound_opt ratio exact columns bits bits_by_label
    bits_by_part bits_by_sender bits_by_receiver paper_bits lower_bound_bits bits_over_lower_bound rounds
    lower_bound_worst_case lower_bound_expected lower_bound_everyone held_against least_bits
    upper_bound_fails lower_bound_fails lower_bound_worst_case_fails lower_bound_expected_fails
    lower_bound_everyone_fails entry_bound largest_weight entry_power
    messages wire_bytes parameters digest seconds rank_claim epsilon model coins public_coins seeds
    instance_facts checks upper_bound_bits
"""

NAMES = ("Alice", "Bob", "coordinator")

entries = st.builds(
    Entry,
    step=st.integers(0, 9),
    round=st.integers(1, 3),
    sender=st.sampled_from(NAMES),
    receiver=st.sampled_from(NAMES),
    label=st.sampled_from(["C, X", "seed"]),
    copy=st.integers(0, 2),
    parts=st.dictionaries(st.sampled_from(["header", "values of C", "seed"]), st.integers(0, 10**12)),
    numbers=st.integers(0, 10**9),
    checksum=st.just(0),
)


MASK = ("n=96", "d=18", "s=12", "k=4", "r=6", "servers=2")
"""rk = 24 > d."""


def played(name: str, *settings: str) -> Outcome:
    path = Path(__file__).parents[2] / "scenarios" / f"{name}.toml"
    outcome = play(load(path, settings), Alone())
    assert outcome is not None
    return outcome


@pytest.fixture(scope="module")
def hard() -> Outcome:
    return played("lower_bound", "s=8", "r=2", "k=2")


def test_all_keys_are_there(hard: Outcome):
    assert set(KEYS.split()) <= summary(hard).keys()


@given(st.lists(entries, max_size=12), st.sampled_from(["message-passing", "blackboard"]))
def test_bits_add_up_whichever_way_they_are_split(hard: Outcome, entries: list[Entry], model):
    scenario = replace(hard.scenario, game=replace(hard.scenario.game, model=model))
    facts = summary(replace(hard, scenario=scenario, account=replace(hard.account, entries=Booked.of(entries))))
    paid = [entry for entry in entries if model == "message-passing" or entry.copy == 0]
    assert facts["bits"] == sum(entry.bits for entry in paid)
    for split in ("label", "part", "sender", "receiver"):
        assert sum(facts[f"bits_by_{split}"].values()) == facts["bits"]
    assert facts["paper_bits"] == sum(entry.numbers for entry in paid) * facts["word_bits"]
    assert facts["messages"] == len(entries)
    assert facts["wire_bytes"] == sum(32 + math.ceil(entry.bits / 8) for entry in entries)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_finite_values_survive_json_bit_for_bit_and_others_are_null(value):
    assert repr(json.loads(json.dumps(plain(value), allow_nan=False))) == repr(plain(value))
    if not isinstance(value, float):
        return
    assert plain(value) is None if not math.isfinite(value) else repr(plain(value)) == repr(value)


def test_numpy_values_become_plain_ones():
    facts = {"a": np.float64(0.1), "b": np.int64(3), "c": np.array([1.0, np.nan]), "d": np.bool_(True)}
    assert plain(facts) == {"a": 0.1, "b": 3, "c": [1.0, None], "d": True}
    assert json.dumps(plain(facts))


def test_the_hard_instance_is_held_against_srk(hard: Outcome):
    facts = summary(hard)
    assert facts["lower_bound_bits"] == 8 * 2 * 2
    assert facts["bits_over_lower_bound"] == facts["bits"] / 32 >= 1
    assert facts["lower_bound_worst_case"] == lower.worst_case_bits(32)
    assert facts["lower_bound_expected"] == lower.expected_bits(32, 32)
    assert facts["exact"]
    assert facts["loss"] == 0
    assert facts["checks"]["decoded"]
    assert facts["paper_bits"] <= facts["upper_bound_bits"]


def test_no_lower_bound_where_the_hard_instance_does_not_exist():
    facts = summary(played("two_party", "images=60", "k=2"))
    for name in LOWER_BOUNDS:
        assert facts[name] is None
        assert facts[FAILS[name]] == "Thm 1.5 is for the mask of Def 3.2, not for this W"
    assert facts["least_bits"] is facts["bits_over_lower_bound"] is None
    assert (facts["entry_bound"], facts["largest_weight"]) == (16, 8)
    assert facts["entry_power"] == pytest.approx(math.log(16) / math.log(64 * 60))


def test_what_inputs_of_these_sizes_may_cost_is_not_held_against_another_input():
    facts = summary(played("comparison", *MASK, "protocol.name=raw"))
    assert facts["lower_bound_bits"] == 12 * 18
    assert facts["lower_bound_expected"] == lower.expected_bits(12 * 18, 12 * 18)
    assert facts["held_against"] is facts["least_bits"] is facts["bits_over_lower_bound"] is None


@pytest.mark.parametrize(
    ("settings", "fails"),
    [
        (["protocol.name=als"], "promises no accuracy"),
        (["protocol.columns=2"], "promises no accuracy"),
        (["protocol.name=sketch_qrcp"], "goes by estimates"),
    ],
)
def test_a_protocol_that_may_err_is_not_held_against_what_costs_no_error(settings: list[str], fails: str):
    facts = summary(played("comparison", *MASK, *settings))
    assert facts["lower_bound_bits"] is None
    assert fails in facts["lower_bound_fails"]


def test_a_word_holds_the_stated_bound(hard: Outcome):
    facts = summary(replace(hard, instance=replace(hard.instance, bound=2**40)))
    assert facts["word_bits"] == 42
    assert facts["paper_bits"] == 42 * sum(entry.numbers for entry in hard.account.entries)
    assert facts["entry_power"] == pytest.approx(40 / 8)  # n = d = 16
    assert summary(replace(hard, instance=replace(hard.instance, integer=False)))["entry_power"] is None


def test_no_theorem_speaks_of_a_number_of_columns_that_was_asked_for():
    facts = summary(played("servers", "n=60", "d=32", "s=8", "k=2", "game.servers=3", "protocol.columns=4"))
    assert facts["columns"] == [4, 4, 4]
    assert facts["epsilon"] is None
    assert facts["upper_bound_bits"] is None
    assert "how many columns" in facts["upper_bound_fails"]


def test_a_protocol_may_have_no_theorem(hard: Outcome, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(bounds.UPPER_BOUNDS, "one_way")
    assert summary(hard)["upper_bound_bits"] is None
