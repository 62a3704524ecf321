"""Pictures of comparisons and sweeps bear what can come, and show each game."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wlra_dist.report.axis import FIGURES, growth
from wlra_dist.report.pictures.canvas import COLORS, SHAPES, color, shape, short
from wlra_dist.report.pictures.comparison import HEAD, LEAST_ROWS, ROW, WIDTH, draw
from wlra_dist.report.pictures.rank_sweep import MOST_EQUAL, ends_in_sight
from wlra_dist.report.pictures.sweep import MOST_PANELS, pictures


def game(protocol: str, bits: int, **changes: Any) -> dict[str, Any]:
    return {
        "protocol": protocol, "selector": "greedy", "bits": bits, "up_bits": bits, "down_bits": 0,
        "blackboard_bits": bits, "loss": 1.05, "lower_bound_opt": 1.0, "target": 1.1,
        "upper_bound_bits": 9 * bits, "least_bits": 64,
    } | changes  # fmt: skip


def pixels(path: Path) -> np.ndarray:
    from matplotlib.image import imread

    return np.asarray(imread(path))[:, :, :3]


def shows(path: Path, *colors: str) -> bool:
    """Whether each of these colors is that of some pixel."""
    seen = pixels(path)
    wanted = (np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255 for color in colors)
    return all((np.abs(seen - one).max(axis=2) < 0.01).any() for one in wanted)


@pytest.mark.parametrize("count", [1, 10])
def test_a_comparison_has_its_size_and_all_its_games(tmp_path: Path, count: int):
    draw("title", [game(f"protocol {i}", 100 * (i + 1)) for i in range(count)], tmp_path / "picture.png")
    data = (tmp_path / "picture.png").read_bytes()
    assert struct.unpack(">II", data[16:24]) == (WIDTH, HEAD + ROW * max(LEAST_ROWS, count))
    assert shows(tmp_path / "picture.png", *map(color, range(count)))


@pytest.mark.parametrize(
    "games",
    [
        [game("exact", 10, loss=0.0, lower_bound_opt=0.0)],
        [game("nothing", 0, up_bits=0, blackboard_bits=0, upper_bound_bits=None, least_bits=None)],
        [game("dear", 10**12, down_bits=10**11), game("$bad_{x$ ^", 7, loss=1e6, selector=None)],
        [game("no target", 10, target=None), game("no target", 10, target=None, selector="norm")],
        [game("no bound", 10, lower_bound_opt=0.0, loss=1e-9)],
    ],
)
def test_any_figures_can_be_compared(tmp_path: Path, games: list[dict[str, Any]]):
    draw("any " * 60, games, tmp_path / "picture.png")
    assert pixels(tmp_path / "picture.png").std() > 0


def points(**axes: list[Any]) -> list[dict[str, Any]]:
    """All combinations, each with some bits."""
    from itertools import product

    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    return [{"swept": swept, "least_bits": i or None, **figures(i + 1)} for i, swept in enumerate(combinations)]


def figures(i: int) -> dict[str, float | None]:
    return {key: 40 * i + 9**rank for rank, key in enumerate(FIGURES)}


def drawn(directory: Path, swept: list[dict[str, Any]]) -> list[str]:
    made = pictures("toy", swept)
    for name, draw_into in made.items():
        draw_into(directory / name)
        assert pixels(directory / name).std() > 0
    return sorted(made)


def test_each_axis_of_numbers_has_a_picture(tmp_path: Path):
    names = drawn(tmp_path, points(s=[1, 10, 1000], protocol=["a", "b"], epsilon=[0.1, 0.5], seed=[3]))
    assert names == ["by_epsilon.png", "by_s.png"]
    assert shows(tmp_path / "by_s.png", COLORS[0], COLORS[1])


def test_where_there_are_no_numbers_the_first_axis_has_one(tmp_path: Path):
    swept = points(protocol=["a", "b"], selector=[{"name": "x"}, {"name": "y"}], integer=[True, False])
    assert drawn(tmp_path, swept) == ["by_protocol.png"]


def test_what_is_not_swept_has_none():
    assert pictures("toy", points(s=[4])) == {}


def test_a_key_with_a_place_makes_a_file_name(tmp_path: Path):
    assert drawn(tmp_path, points(**{"instance.s/$": [1, 2]})) == ["by_instance.s__.png"]


def test_more_choices_than_panels(tmp_path: Path):
    swept = points(s=[0, 1], r=[1, 2], m=list(range(MOST_PANELS + 2)))
    made = pictures("toy", swept)
    assert sorted(made) == ["by_m.png", "by_r.png", "by_s.png"]
    made["by_s.png"](tmp_path / "by_s.png")
    assert pixels(tmp_path / "by_s.png").std() > 0


def test_values_that_mix_whole_and_broken_numbers_are_numbers(tmp_path: Path):
    assert drawn(tmp_path, points(epsilon=[1, 0.5], k=[2, 2])) == ["by_epsilon.png"]


def test_marks_tell_games_apart():
    assert len({(color(i), shape(i)) for i in range(len(COLORS) * len(SHAPES))}) == len(COLORS) * len(SHAPES)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (20_000_000, "20 M"), (1500, "1.5 k"), (2e9, "2 G")]
)
def test_short_figures(value: float, text: str):
    assert short(value) == text


def test_exponents_are_those_of_a_power_law_and_the_accuracy_counts_by_its_inverse():
    games = points(s=[1, 2, 8], epsilon=[1, 0.5, 0.1])
    for facts in games:
        facts["bits"] = 3 * facts["swept"]["s"] ** 2 / facts["swept"]["epsilon"] ** 0.5
    assert growth(games)[0] == "bits ~ s^2.000 · 1/ε^0.500"


def test_an_axis_that_is_alone_shows_all_that_theory_says(tmp_path: Path):
    assert drawn(tmp_path, points(r=[1, 2, 4])) == ["by_r.png"]
    assert shows(tmp_path / "by_r.png", *COLORS[: len(FIGURES)])


@pytest.mark.parametrize("key", ["seed", "game.seed", "bound", "protocol.most", "oversampling"])
def test_powers_are_told_of_sizes_alone(key: str):
    assert growth(points(**{key: [1, 2, 3]})) == []
    assert growth(points(**{"instance.s": [1, 2], key: [1, 2, 3]}))[0].startswith("bits ~ instance.s^")
    assert len(pictures("toy", points(**{key: [1, 2, 3]}))) == 1


@pytest.mark.parametrize("selector", ["x", "a selector of a very long name with many options " * 4])
def test_a_legend_takes_no_room_from_the_panels(tmp_path: Path, selector: str):
    names = drawn(tmp_path, points(s=[1, 2], selector=[selector, "y"]))
    whole = pixels(tmp_path / names[0])
    inked = np.flatnonzero((whole != whole[0, 0]).any(axis=(0, 2)))
    assert inked[-1] - inked[0] > 0.9 * whole.shape[1]
    framed = (whole[: whole.shape[0] // 2] != whole[0, 0]).any(axis=(0, 2)).nonzero()[0]
    assert framed[-1] - framed[0] > 0.9 * whole.shape[1], "the panel itself is as wide"


def test_where_no_axis_is_of_positive_numbers_nothing_grows():
    assert growth(points(protocol=["raw", "als"], k=[2, 2])) == []
    assert growth(points(seed=[0, 1, 2])) == []


def test_an_axis_ends_a_little_below_the_least_and_well_above_the_largest():
    assert ends_in_sight(1.0, 3.0) == pytest.approx((0.8, 5.0))
    assert ends_in_sight(2.0, 2.0) == pytest.approx((2 - 0.2 * MOST_EQUAL, 2 + 2 * MOST_EQUAL))
