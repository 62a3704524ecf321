"""No two texts of a picture stand on one another, none is cut off, and colors can be told apart by every eye."""

from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.report.pictures.test_pictures_of_many import game, points
from tests.report.pictures.test_run import facts, messages
from wlra_dist.report.pictures import comparison, model, optimum, rank_sweep, run, sequence
from wlra_dist.report.pictures.canvas import COLORS, sheet
from wlra_dist.report.pictures.labels import boxes, noted, on_sheet, overlap, untangle
from wlra_dist.report.pictures.sweep import pictures
from wlra_dist.report.pictures.views import Views
from wlra_dist.studies.experiments.rank_sweep import RankSweepResult

Draw = Callable[[Path], None]


def seen() -> Views:
    rng = np.random.default_rng(0)
    A, W = rng.standard_normal((30, 20)), rng.uniform(0, 1, (30, 20))
    return Views(A, W, 0.9 * A, (3_000_000, 2_000_000), 0, (A[:, :0], A[:, :0]))


def of_run(servers: int, **known: Any) -> Draw:
    figures = facts(5387 * servers, 480 * servers, 10**7 * servers, 96, scenario="a scenario of a long name " * 4)
    return lambda path: run.draw(figures | {"servers": servers}, messages(servers), path, **known)


def of_sweep(**axes: list[Any]) -> Draw:
    swept = points(**axes)
    for i, point in enumerate(swept):
        point["least_bits"] = point["bits"] / (1 + 0.01 * i)
    return next(iter(pictures("toy", swept).values()))


def of_ranks(path: Path) -> None:
    losses = [
        {"method": method, "rank": k, "stored_rank": k, "bytes": 4000 * k, "relative_loss": 1 / k, "over_best": 1 + k,
         "seconds": 0.1 * k, "trials": 3}
        for method in ("svd_w", "als", "a method of a rather long name with many options") for k in range(1, 21)
    ]  # fmt: skip
    result = RankSweepResult({"n": 784, "d": 128, "k": 5, "fisher_mass": 0.9}, np.ones((4, 4)), [], losses, [])
    rank_sweep.draw_losses("toy", result, path)


def of_sequence(servers: int) -> Draw:
    same = {"receiver": "coordinator", "label": "C, X of a long label", "round": 1, "bits": 7654321}
    same |= {"parts": {"C": 7654321}}
    found = sequence.arrows([same | {"sender": f"server {i}"} for i in range(servers)], "coordinator")
    return lambda path: sequence.draw(found, "coordinator", path)


def of_model(path: Path) -> None:
    tensors = [
        {"name": f"layers.{i}.attention.query.weight", "bytes": 300 * 2 ** (i % 4), "loss": i % 3 / 99, "same_as": None}
        for i in range(12)
    ]
    model.draw({"tensors": tensors}, path)


PICTURES: dict[str, Draw] = {
    **{f"run of {m}": of_run(m) for m in (1, 16, 1000)},
    "run with matrices": of_run(4, seen=seen()),
    "sweep": of_sweep(s=[16, 64, 256, 1024], r=[1, 4, 16], k=[1, 4, 16]),
    "sweep of panels": of_sweep(epsilon=[0.1, 0.5], s=[1, 2], r=[1, 2], k=list(range(5))),
    "sweep of one": of_sweep(r=[1, 2, 4, 8, 16, 32, 64]),
    "sweep of names": of_sweep(protocol=[f"a protocol {i}" for i in range(12)]),
    "comparison": lambda path: comparison.draw(
        "t " * 150, [game(f"protocol {i}", 100 * 3**i) for i in range(13)], path
    ),
    "comparison of like": lambda path: comparison.draw("t", [game(f"protocol {i}", 100) for i in range(13)], path),
    "ranks": of_ranks,
    **{f"sequence of {m}": of_sequence(m) for m in (4, 10_000)},
    "model": of_model,
    "optimum": lambda path: optimum.draw("A, rank 5", [(0.1, 0.0, 3.0), (1.0, 1.9, 2.1), (9.0, 2.0, 2.0)], 10.0, path),
}


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are written to files."""
    figures: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    return figures


@pytest.mark.parametrize("name", PICTURES)
def test_no_text_stands_on_another_and_all_are_on_the_canvas(name: str, saved: list[Figure], tmp_path: Path):
    PICTURES[name](tmp_path / "picture.png")
    (figure,) = saved
    placed = list(boxes(figure))
    assert len(placed) > 5
    assert [text.get_text() for text, box in placed if not on_sheet(box, figure)] == []
    pairs = combinations(placed, 2)
    assert [(one.get_text(), other.get_text()) for (one, a), (other, b) in pairs if overlap(a, b)] == []


def test_texts_that_overlap_are_seen_and_notes_give_way(saved: list[Figure], tmp_path: Path):
    with sheet(tmp_path / "picture.png", 400, 300) as figure:
        axes = figure.subplots()
        axes.set_xticks(range(40), [f"label {i}" for i in range(40)])
        figure.draw_without_rendering()
        ticks = [box for text, box in boxes(figure) if text.get_text().startswith("label")]
        assert any(overlap(one, other) for one, other in pairwise(ticks))
        for _ in range(20):
            noted(axes, 20, 0.5, "a note")
    placed = [(text.get_text(), box) for text, box in boxes(saved[0])]
    assert not any(overlap(a, b) for (_, a), (_, b) in combinations(placed, 2))
    assert 1 <= sum(text == "a note" for text, _ in placed) < 20
    untangle(saved[0])
    assert [(text.get_text(), box.bounds) for text, box in boxes(saved[0])] == [(t, b.bounds) for t, b in placed]


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_picture_is_of_the_kind_that_its_name_says_and_the_same_each_time(tmp_path: Path, ending: str, begins: bytes):
    files = [tmp_path / f"{name}.{ending}" for name in ("one", "two")]
    for file in files:
        of_run(2)(file)
    one, two = (file.read_bytes() for file in files)
    assert one.startswith(begins)
    assert one == two


DALTONISM = {
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
"""Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB."""


@pytest.mark.parametrize("kind", DALTONISM)
def test_neighbouring_colors_are_told_apart_by_every_eye(kind: str):
    rgb = np.array([[int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)] for color in COLORS[:5]])
    linear = np.clip((rgb**2.2) @ np.array(DALTONISM[kind]).T, 0, 1) ** (1 / 2.2)
    apart = np.linalg.norm(linear[:, None] - linear[None], axis=2)[np.triu_indices(len(linear), 1)]
    assert apart.min() > 0.1


def test_every_line_of_a_sequence_has_its_name(saved: list[Figure], tmp_path: Path):
    of_sequence(10_000)(tmp_path / "picture.png")
    texts = {text.get_text() for text, _ in boxes(saved[0])}
    assert len([text for text in texts if text.startswith("server")]) == sequence.LINES - 1
    assert any(text.endswith("others") for text in texts)
