"""The recipe of docs/compress.md: a checkpoint of eight shards on any number of ranks makes the same small file."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.models.made import low_rank, saved
from wlra_dist.errors import InputError
from wlra_dist.models.compress import Goal, Order, compress
from wlra_dist.models.expand import load
from wlra_dist.models.hands import OneHand, hands
from wlra_dist.models.sources import open_model
from wlra_dist.models.sources.safetensors import INDEX

if TYPE_CHECKING:
    from wlra_dist.world.mpi import MpiWorld


def checkpoint(folder: Path) -> None:
    """Eight shards, and their index."""
    places = {}
    for i in range(8):
        file = f"model-{i + 1:05}-of-00008.safetensors"
        tensors = {f"layer.{i}.weight": low_rank(48, 40, 4, seed=i), f"layer.{i}.bias": np.ones(48, np.float32)}
        saved(tensors, folder / file)
        places |= dict.fromkeys(tensors, file)
    (folder / INDEX).write_text(json.dumps({"weight_map": places}))
    (folder / "broken").mkdir()
    (folder / "broken" / INDEX).write_text(json.dumps({"weight_map": {"a": "gone"}}))


@pytest.mark.mpi(n=[2])
def test_eight_shards_are_compressed_by_all_ranks(world: "MpiWorld") -> None:
    with tempfile.TemporaryDirectory() as own:
        folder = Path(world.broadcast(own.encode() if world.rank == 0 else None).decode())
        if world.rank == 0:
            checkpoint(folder)
        order = Order(str(folder), Goal(k=3), block=1000)
        world.broadcast(b"made" if world.rank == 0 else None)
        with hands(world, 1) as crew:
            compress(order, folder.with_suffix(".wlra"), crew, world=world)
            with pytest.raises(InputError, match="names the shard gone, which is not there"):
                compress(replace(order, model=str(folder / "broken")), folder.with_suffix(".wlra"), crew, world=world)
        if world.rank == 0:
            compress(order, folder.with_suffix(".alone.wlra"), OneHand())
            files = [folder.with_suffix(ending) for ending in (".wlra", ".alone.wlra")]
            assert files[0].read_bytes() == files[1].read_bytes()
            assert list(load(files[0])) == list(open_model(folder))
            for file in files:
                file.unlink()
        world.broadcast(b"done" if world.rank == 0 else None)
