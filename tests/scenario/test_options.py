"""Scenarios: what one process reads is what the others get."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from wlra_dist.css import SELECTORS
from wlra_dist.css.sketched_qr import SketchedQR
from wlra_dist.instances import LowerBound, Synthetic
from wlra_dist.scenario.options import GameOptions, ProtocolOptions, Scenario
from wlra_dist.studies.sweep import load_sweep

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))

PLAIN = Scenario("plain", "", "lower_bound", LowerBound(s=2, r=2, k=1))

VARIED = [
    PLAIN,
    Scenario("ε", "∘ and\nmore", "synthetic", Synthetic(n=8, d=9, k=1, s=3, noise=0.0, rank=2, weights="mask")),
    replace(PLAIN, game=GameOptions(servers=3, coins="private", model="blackboard", threads=2, seed=2**63 - 1)),
    replace(
        PLAIN,
        protocol=ProtocolOptions(
            name="raw", output="everyone", epsilon=1e-3, columns=7, bounds="quick", selector="greedy", codec="float32"
        ),
    ),
    replace(PLAIN, protocol=ProtocolOptions(selector={"name": "sketched_qr", "oversampling": 8})),
]


def test_there_are_scenarios_to_try():
    assert {path.stem for path in SCENARIOS} >= {"quickstart", "lower_bound"}


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_every_scenario_in_the_box_loads_and_says_what_it_is_about(path: Path):
    for point in load_sweep(path).points:
        scenario = point.scenario
        assert scenario.name == path.stem
        assert 20 < len(scenario.about) < 120
        assert Scenario.from_json(scenario.to_json()) == scenario


@pytest.mark.parametrize("scenario", VARIED)
def test_json_brings_back_the_same_scenario_in_the_same_bytes(scenario: Scenario):
    again = Scenario.from_json(scenario.to_json())
    assert again == scenario
    assert again.to_json() == scenario.to_json()


def test_the_facts_name_every_option():
    facts = json.loads(PLAIN.to_json())
    assert facts["instance"] == {"kind": "lower_bound", **asdict(LowerBound(s=2, r=2, k=1))}
    assert facts["game"].keys() == {"servers", "deal", "coins", "model", "weights", "threads", "seed"}
    options = {"name", "output", "epsilon", "columns", "bounds", "selector", "codec", "constants", "iterations"}
    options |= {"promise", "delta", "certificate"}
    assert facts["protocol"].keys() == options


@pytest.mark.parametrize("name", SELECTORS)
def test_a_selector_by_name_has_its_usual_options(name: str):
    assert replace(PLAIN, protocol=ProtocolOptions(selector=name)).make_selector() == SELECTORS[name]()


def test_a_selector_by_table_has_those_of_the_table():
    options = replace(PLAIN, protocol=ProtocolOptions(selector={"name": "sketched_qr", "oversampling": 8}))
    assert options.make_selector() == SketchedQR(oversampling=8)
    assert options.make_selector() == SketchedQR(oversampling=8)  # the table is not used up
