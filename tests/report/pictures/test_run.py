"""The picture has its size, is not blank, and bears what can come."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wlra_dist.game.book import Entry
from wlra_dist.report.pictures.run import HEIGHT, WIDTH, draw, headline

PARTS = {"header": 10, "values of C": 5000, "coefficients": 300, "something new": 77}


def facts(bits: int, paper: int, upper: int | None, N: int | None, scenario: str = "toy") -> dict[str, Any]:
    return {
        "scenario": scenario, "protocol": "one_round", "servers": 3, "bits": bits, "exact": False,
        "ratio": 1.05, "loss": 2.0, "k": 4, "r": 2, "rank_claim": "proven", "lower_bound_proven": True, "word_bits": 12,
        "model": "message-passing", "paper_bits": paper, "upper_bound_bits": upper, "least_bits": N,
    }  # fmt: skip


def messages(senders: int) -> list[Entry]:
    return [Entry(i, 1, f"server {i + 1}", "coordinator", "C, X", 0, PARTS, 40 + i, 0) for i in range(senders)]


def drawn(path: Path) -> np.ndarray:
    from matplotlib.image import imread

    return np.asarray(imread(path))


@pytest.mark.parametrize("senders", [0, 1, 41, 1000])
def test_size_and_ink(tmp_path: Path, senders: int):
    path = tmp_path / "picture.png"
    draw(facts(5387 * senders, 480 * senders, None, 96), messages(senders), path)
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (WIDTH, HEIGHT)
    pixels = drawn(path)[:, :, :3]
    if senders:
        blue = np.abs(pixels - np.array([0x00, 0x72, 0xB2]) / 255).max(axis=2) < 0.01
        assert blue.mean() > 0.02  # "values of C", nearly all of what was said
    assert (pixels.max(axis=2) < 0.5).any()


@pytest.mark.parametrize("figures", [(0, 0, None, None), (10**12, 1, 10**13, 1), (5, 5, 5, 5)])
def test_any_figures_and_names_can_be_drawn(tmp_path: Path, figures):
    draw(facts(*figures, scenario="$cost_{x$ ^"), messages(2), tmp_path / "picture.png")
    assert drawn(tmp_path / "picture.png").std() > 0


def test_the_headline_is_as_careful_as_the_certificate():
    claimed = facts(12345, 1, None, None)
    assert "12,345 bits for a loss at most 1.05 × that of any rank-" in headline(claimed)
    assert "×" not in headline(claimed | {"ratio": None})
    assert "no loss" in headline(claimed | {"exact": True})
