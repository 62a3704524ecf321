"""Ranks that hold another W do not play; ranks that round otherwise are told of."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from wlra_dist.errors import InputError
from wlra_dist.instances import Files, Instance, alone
from wlra_dist.instances.kept_weights import digest_of
from wlra_dist.playing import alike
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.world.world import AgreedInputError, Alone, World

ALIKE = {"numpy": "2.3.1", "blas": "openblas Haswell"}


def files(place: Path, factor: float) -> Files:
    rng = np.random.default_rng(5)
    np.save(place / "A.npy", rng.standard_normal((6, 5)))
    np.save(place / "W.npy", factor * rng.uniform(1, 2, (6, 5)))
    return Files(A=str(place / "A.npy"), W=str(place / "W.npy"), k=1)


@pytest.mark.mpi(n=[2])
def test_another_w_on_one_rank_or_none_that_it_can_read_is_an_error_on_all(world: World, tmp_path: Path):
    last = world.rank == world.size - 1
    options = files(tmp_path, 1 + 1e-4 * last)
    instance = options.open(alone)
    with pytest.raises(AgreedInputError, match=rf"W on rank {world.size - 1} is not the one on rank 0"):
        alike.require_one_W(world, instance, options)
    mine = files(tmp_path, 1.0)
    instance = mine.open(alone)
    alike.require_one_W(world, instance, mine)
    if world.rank == 1:
        (tmp_path / "W.npy").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        alike.require_one_W(world, instance, mine)


LONG = np.ones((10**6, 1))
"""A column whose product with its transpose takes terabytes."""


class Own:
    """Weights of a class that no record knows."""

    shape = (2, 3)

    def __init__(self, W: np.ndarray) -> None:
        self.W = W

    def dense(self, columns: slice) -> np.ndarray:
        return self.W[:, columns]


@pytest.mark.parametrize(("one", "other"), [
    (BlockMask.wide(10**6, 2, 10**5, 10**6), BlockMask.wide(10**6, 2, 10**5 + 1, 10**6)),
    (LowRankWeights(LONG, LONG.T), LowRankWeights(LONG, 2 * LONG.T)),
    (DenseWeights(np.ones((2, 3))), DenseWeights(np.ones((2, 3)), 1)),
    (DenseWeights(np.ones((2, 3))), DenseWeights(np.ones((2, 3), np.float32))),
    (Own(np.ones((2, 3))), Own(np.eye(2, 3))),
])  # fmt: skip
def test_other_weights_have_another_digest(one: Weights, other: Weights):
    """Also where n×d numbers would be terabytes."""
    assert digest_of(one, None) == digest_of(one, None) != digest_of(other, None)


def test_who_computes_otherwise_is_named():
    reports = [ALIKE, ALIKE | {"numpy": "2.4.0"}, ALIKE]
    assert alike.differences([ALIKE, ALIKE]) == []
    assert alike.differences(reports) == ["numpy 2.3.1 on rank 0 and 1 more, 2.4.0 on rank 1"]


@pytest.mark.parametrize("blas", ["openblas Haswell", "openblas Zen"])
def test_one_line_says_so(capsys: pytest.CaptureFixture[str], blas: str):
    parcels = [alike.json.dumps(facts).encode() for facts in (ALIKE, ALIKE | {"blas": blas})]
    world = SimpleNamespace(rank=0, size=2, gather=lambda _: parcels)
    alike.tell_unlike_ranks(world)  # type: ignore[arg-type]
    lines = capsys.readouterr().err.splitlines()
    assert [("rank 1" in line and "Zen" in line) for line in lines] == [True] * (blas not in ALIKE.values())


def test_a_process_that_is_alone_has_nobody_to_ask(capsys: pytest.CaptureFixture[str]):
    def refuse(*_: object) -> bytes:
        raise AssertionError("W was read")

    weights = SimpleNamespace(dense=refuse)
    instance: Instance = SimpleNamespace(weights=weights)  # type: ignore[assignment]
    alike.require_one_W(Alone(), instance, None)  # type: ignore[arg-type]
    alike.tell_unlike_ranks(Alone())
    assert capsys.readouterr() == ("", "")
