"""Tables on a screen: which columns stand there, how wide, and what a cell says."""

from typing import Any

import pytest

from wlra_dist.record.theory import FAILS
from wlra_dist.report.tables import sweep
from wlra_dist.report.tables.columns import Column, cells, in_words, on_screen, titles
from wlra_dist.report.tables.run import WORDS_OF_BOUNDS
from wlra_dist.report.tables.sweep import line, row, widths
from wlra_dist.report.tables.trials import table

COLUMNS = (
    Column("bits", "bits", ",d", 8),
    Column("file"),
    Column("least", "at least", ".1f", 10, optional=True, spare=1),
    Column("ratio", "ratio", ".3f", 7, spare=2),
    Column("rank", "rank", "d", 6, spare=2),
)
KNOWN: dict[str, Any] = {"bits": 1200, "file": "x", "least": 2.25, "ratio": 1.5, "rank": 3}


def keys(room: int, *rows: dict[str, Any]) -> list[str]:
    return [column.key for column in on_screen(COLUMNS, rows, room)]


def test_a_column_without_title_is_the_file_s_and_an_optional_one_waits_for_a_figure():
    assert keys(100, KNOWN) == ["bits", "least", "ratio", "rank"]
    assert keys(100, KNOWN | {"least": None}) == ["bits", "ratio", "rank"]
    assert keys(100, KNOWN | {"least": None}, KNOWN | {"least": 0.0}) == ["bits", "least", "ratio", "rank"]
    assert keys(100, KNOWN | {"ratio": None}) == ["bits", "least", "ratio", "rank"]
    assert keys(100) == ["bits", "ratio", "rank"]


@pytest.mark.parametrize(
    ("room", "left"),
    [
        (31, ["bits", "least", "ratio", "rank"]),
        (30, ["bits", "least", "rank"]),  # the first of those that are spared alike goes first
        (24, ["bits", "least", "rank"]),
        (23, ["bits", "least"]),
        (17, ["bits"]),
        (1, ["bits"]),  # is always there
    ],
)
def test_where_the_screen_is_narrow_the_least_useful_go_first(room: int, left: list[str]):
    assert keys(room, KNOWN) == left


def test_titles_and_cells_stand_over_each_other():
    chosen = on_screen(COLUMNS, [KNOWN], 100)
    assert titles(chosen) == "    bits  at least  ratio  rank"
    assert cells(chosen, KNOWN) == "   1,200       2.2  1.500     3"
    assert cells(chosen, KNOWN | {"least": None, "ratio": None}) == "   1,200         –      –     3"
    assert [in_words(value, "") for value in (None, True, False, "yes", 0)] == ["–", "yes", "no", "yes", "0"]


def facts(**others: Any) -> dict[str, Any]:
    """A game's figures, as a sweep keeps them."""
    known: dict[str, Any] = {column.key: None for column in sweep.COLUMNS}
    known |= {"bits": 120, "least_bits": 100.0, "checks": {}, "swept": {"k": 3}, "lower_bound_bits": 90.0}
    return known | {"seconds": {"open": 1.0, "play": 2.0, "select": 1.5, "referee": 0.25}} | others


def test_a_row_of_a_sweep_says_what_is_beyond_the_bound_and_adds_up_the_phases():
    one = row(facts())
    assert (one["bits_beyond_lower_bound"], one["seconds"]) == (20.0, 3.25)  # `select` is part of `play`
    assert (one["lower_bound_bits"], one["decoded"], one["k"]) == (90.0, None, 3)
    assert row(facts(checks={"decoded": False}))["decoded"] is False


def test_where_no_least_is_known_neither_are_bounds():
    unknown = row(facts(least_bits=None))
    assert unknown["bits_beyond_lower_bound"] is None
    assert unknown["lower_bound_bits"] is None
    assert unknown["bits"] == 120


def test_a_swept_key_that_is_a_figure_too_has_a_name_of_its_own():
    both = row(facts(swept={"bits": 16}))
    assert (both["swept bits"], both["bits"]) == (16, 120)


def test_swept_columns_are_as_wide_as_their_longest_value():
    found = widths([{"k": 1, "protocol": "raw"}, {"k": 10**7, "protocol": "one_way"}])
    assert found == {"k": 10, "protocol": 10}
    assert widths([{"k": 1}]) == {"k": 6}
    assert line(facts(swept={"k": True}), {"k": 6}, COLUMNS[:1]) == "  true     120"


def test_trials_say_what_theory_does_not_know_and_why():
    known: dict[str, Any] = dict.fromkeys(WORDS_OF_BOUNDS, 1234.56) | dict.fromkeys(FAILS.values())
    first = next(iter(WORDS_OF_BOUNDS))
    known |= {first: None, FAILS[first]: "a hypothesis that fails"}
    known |= {"interval": (0.5, 0.75), "confidence": 0.95, "right": 1200, "success_rate": 0.6, "trials": 2000}
    known |= {"mean_bits": 4321.05, "best_bits": 4000, "worst_bits": 5000, "fresh_input": True, "digest": "d1ge57"}
    known |= {"scenario": "name", "protocol": "raw", "n": 1000, "d": 20, "k": 2, "r": 1}
    lines = table(known).splitlines()
    assert lines[0] == "name: raw, 2,000 games with fresh coins and a fresh A"
    assert lines[1] == "n = 1,000, d = 20, k = 2, r = 1"
    assert lines[-1] == "transcripts (SHA-256) d1ge57"
    assert "0.6000 of all; so the probability is in 0.5000 … 0.7500 (Clopper–Pearson, 95%)" in lines[3]
    assert [text.split()[-1] for text in lines[5:7]] == ["4,000", "5,000"]
    none, *others = lines[7:-2]
    assert none.endswith("none  a hypothesis that fails")
    for text, (name, words) in zip(others, list(WORDS_OF_BOUNDS.values())[1:], strict=True):
        assert text.split() == [*name.split(), "1,234.6", *words.split()]
    assert "on the same A" in table(known | {"fresh_input": False})
