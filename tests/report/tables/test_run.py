"""The table tells the figures of the summary, in lines that fit."""

from pathlib import Path
from typing import Any

import pytest

from wlra_dist.playing.play import play
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.record.summary import summary
from wlra_dist.report.tables.run import PARTS, table
from wlra_dist.scenario.toml import load
from wlra_dist.world.world import Alone

SCENARIOS = Path(__file__).parents[3] / "scenarios"

FACTS: dict[str, Any] = {
    "scenario": "toy", "protocol": "one_round", "servers": 3, "ranks": 2, "n": 4000, "d": 60, "k": 5, "r": 2,
    "s": 8, "epsilon": 0.25, "model": "message-passing", "loss": 12.5, "lower_bound_opt": 10.0, "ratio": 1.25,
    "exact": False, "rank_claim": "proven",
    "rank_off": 0.0, "rank_refuted": None, "lower_bound_by": "tail", "lower_bound_proven": True,
    "lower_bound_blocks": 9.5, "lower_bound_whole": 10.0,
    "promise": "certain", "holds": True, "checks": {"decoded": True, "N": 80},
    "output": "coordinator", "copies": 0,
    "columns": [6, 5, 7], "parameters": 1234567, "bits": 40_000, "word_bits": 18, "paper_bits": 20_000,
    "bits_over_paper": 2.0, "upper_bound_bits": 90_000,
    "lower_bound_bits": 80, "bits_over_lower_bound": 500.0,
    "lower_bound_worst_case": 79.415, "lower_bound_expected": 52.415, "lower_bound_everyone": None,
    "upper_bound_fails": None, "lower_bound_fails": None, "lower_bound_worst_case_fails": None,
    "lower_bound_expected_fails": None, "lower_bound_everyone_fails": "for games of everyone",
    "held_against": "lower_bound_bits", "least_bits": 80,
    "entry_bound": 9, "largest_weight": 1.0, "entry_power": 0.177,
    "bits_by_part": {"header": 10_000, "values of C": 30_000},
    "bits_by_sender": {"server 1": 10_001, "server 2": 19_999, "server 3": 10_000},
    "rounds": 1, "messages": 3, "wire_bytes": 5_096, "digest": "ab" * 32, "choice": None,
    "seconds": {"open": 0.5, "load": 0.25, "fit": 1.5, "play": 2.0, "referee": 0.125},
}  # fmt: skip


EVERYONE = {
    "output": "everyone", "copies": 3, "lower_bound_everyone": 240.0, "lower_bound_everyone_fails": None,
    "held_against": "lower_bound_everyone", "least_bits": 240.0, "bits_over_lower_bound": 2.0,
}  # fmt: skip


def row(text: str, name: str) -> str:
    """The one line of this name."""
    (line,) = [line for line in text.splitlines() if line.strip().startswith(f"{name}  ")]
    return line


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("loss", "12.5"), ("LB", "10"),
        ("blocks", "9.5"), ("whole", "10"), ("loss / LB", "1.2500"), ("exact", "no"), ("decoded", "yes"),
        ("columns", "18"), ("numbers", "1,234,567"), ("bits", "40,000"), ("values of C", "30,000"),
        ("by server 2", "19,999"), ("paper's count", "20,000"), ("upper bound", "90,000"),
        ("lower bound", "80"), ("right for 2/3", "79.4"), ("entries", "(nd)^0.18"), ("on average", "52.4"),
        ("rounds", "1"), ("messages", "3"), ("wire bytes", "5,096"), ("fit", "1.500 s"), ("play", "2.000 s"),
    ],
)  # fmt: skip
def test_every_figure_has_its_line_and_its_words(name: str, figure: str):
    line = row(table(FACTS), name).strip().removeprefix(name).split("  ")
    assert line[-2].strip() == figure
    assert len(line[-1]) > 5


def test_ratios_stand_beside_what_they_compare_with():
    text = table(FACTS)
    assert "sent: 2 ×" in row(text, "paper's count")
    assert "sent: 500 ×" in row(text, "lower bound")
    assert "75.0%" in row(text, "values of C")


REFUTED = {"rank_claim": "refuted", "rank_off": None, "rank_refuted": {"rows": [0, 1, 2], "columns": [4, 5, 6]}}


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "rank(W) ≤ r = 2: proven"),
        ({"rank_claim": "near", "rank_off": 1.25e-13}, "rank(W) ≤ r = 2: near, W is within 1.2e-13 × W"),
        (REFUTED, "rank(W) ≤ r = 2: REFUTED by a minor of order 3"),
        ({"rank_claim": "unknown", "rank_off": None}, "rank(W) ≤ r = 2: unknown"),
    ],
)
def test_what_is_known_of_the_rank_is_said(facts: dict[str, Any], words: str):
    assert words in table(FACTS | facts)


def test_where_nothing_is_proven_the_table_says_so():
    nothing = {"lower_bound_opt": None, "lower_bound_by": "none", "lower_bound_proven": False, "ratio": None}
    text = table(FACTS | REFUTED | nothing | {"holds": None, "promise": None})
    assert row(text, "LB").split()[1] == "none"
    assert "proven" in row(text, "LB")
    assert row(text, "loss / LB").split()[3] == "none"
    assert row(text, "promise kept").split()[2] == "none"
    assert "nothing was promised" in row(text, "promise kept")


def test_what_does_not_exist_is_none_and_says_why():
    reason = "for protocols that never err; this one goes by estimates"
    without = {"lower_bound_bits": None, "lower_bound_fails": reason, "held_against": None, "entry_power": None}
    text = table(
        FACTS
        | without
        | {"ratio": None, "lower_bound_opt": 0.0, "upper_bound_bits": None, "upper_bound_fails": "no theorem"}
    )
    assert f"none  {reason}" in row(text, "lower bound")
    assert "none  no theorem" in row(text, "upper bound")
    assert "this one may cost less" in text
    assert "real  " in row(text, "entries")
    assert "LB is 0" in row(text, "loss / LB")


def test_the_steps_of_the_game_stand_inside_it_and_the_slowest_first():
    seconds = {"open": 1.0, "play": 9.0, "encode": 1.0, "fit": 5.0, "settle": 3.0, "referee": 2.0}
    lines = [
        line.split()[0]
        for line in table(FACTS | {"seconds": seconds}).splitlines()
        if line.endswith("B") or " s  " in line
    ]
    assert [line for line in lines if line in seconds] == ["open", "play", "fit", "encode", "settle", "referee"]


@pytest.mark.parametrize("servers", [1, 5, 1000])
def test_lines_fit_whatever_the_number_of_servers(servers: int):
    bits = {f"server {i + 1}": 10**6 + i for i in range(servers)}
    facts = {"servers": servers, "columns": [10 + i % 3 for i in range(servers)], "bits_by_sender": bits}
    text = table(FACTS | facts | REFUTED | {"bits": sum(bits.values())})
    assert max(map(len, text.splitlines())) <= 102
    assert len(text.splitlines()) < 50
    if servers == 1000:
        assert "1,000,000 to 1,000,995 each" in row(text, "by 996 others")


def test_a_game_where_everyone_outputs_says_who_holds_the_solution_and_what_that_must_cost():
    printed = table(FACTS | EVERYONE)
    lines = [line.split() for line in printed.splitlines()]
    assert ["copies", "3"] in [words[:2] for words in lines]
    assert any(words[:2] == ["everyone", "240.0"] and words[-2:] == ["2", "×"] for words in lines)


def test_where_no_accuracy_was_promised_the_table_says_so():
    sentence = "no accuracy was promised"
    assert sentence not in table(FACTS)
    assert sentence in table(FACTS | {"promise": None})


def test_a_promise_by_estimate_is_called_that():
    assert "by estimate" not in table(FACTS)
    assert "by estimate" in table(FACTS | {"promise": "estimate"})


@pytest.mark.parametrize(
    ("scenario", "settings"),
    [("comparison", ["n=200", "d=60"]), ("quickstart", ["hidden=8", "epochs=1", "k=2", "output=everyone"])],
)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_part_of_a_message_has_its_words(scenario: str, settings: list[str], protocol: str):
    servers = 1 if protocol == "one_way" else 4
    settings = [*settings, f"protocol={protocol}", f"game.servers={servers}", "bounds=quick"]
    outcome = play(load(SCENARIOS / f"{scenario}.toml", settings), Alone())
    assert outcome is not None
    assert summary(outcome)["bits_by_part"].keys() <= PARTS.keys()
