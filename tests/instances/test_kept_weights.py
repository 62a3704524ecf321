"""W comes back from a record as it was, bit for bit, whatever it is made of."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wlra_dist import weights
from wlra_dist.errors import InputError, VerificationError
from wlra_dist.instances import Files, alone
from wlra_dist.instances.from_files import FileWeights
from wlra_dist.instances.kept_weights import Kept, keep_weights, restore_weights
from wlra_dist.linalg.digests import digests
from wlra_dist.record.files.arrays import read_arrays, write_arrays
from wlra_dist.scenario.catalogue import BUILT_IN
from wlra_dist.weights import BlockMask, DenseWeights, LowRankWeights, Weights
from wlra_dist.weights.support import support_sizes

TYPES = list(BUILT_IN.weights.values())

NOTHING = SimpleNamespace()
"""The options of an instance whose W is in no file."""

sides = st.integers(1, 6)
entries = st.floats(0, 1e300) | st.sampled_from([5e-324, 1 / 3])


@st.composite
def made(draw: st.DrawFn) -> Weights:
    n, d, r = draw(sides), draw(sides), draw(sides)
    match draw(st.sampled_from(["mask", "dense", "float32", "by columns", "low rank"])):
        case "mask":
            return BlockMask.wide(n * r, r, draw(sides), d, draw(st.integers(0, 3)))
        case "dense":
            return DenseWeights(draw(arrays(float, (n, d), elements=entries)), draw(st.none() | sides))
        case "float32":
            return DenseWeights(draw(arrays(np.float32, (n, d), elements=st.floats(0, 1, width=32))))
        case "by columns":
            return DenseWeights(np.asfortranarray(draw(arrays(float, (n, d), elements=entries))))
    small = st.floats(0, 1e100)
    return LowRankWeights(draw(arrays(float, (n, r), elements=small)), draw(arrays(float, (r, d), elements=small)))


@given(made())
def test_weights_come_back_bit_for_bit(W: Weights):
    again = restore_weights(keep_weights(W, NOTHING), NOTHING, W.shape, TYPES)
    assert type(again) is type(W)
    assert (again.shape, again.rank) == (W.shape, W.rank)
    assert again.dense(slice(None)).tobytes() == W.dense(slice(None)).tobytes()


def test_their_arrays_come_back_from_the_disk_in_their_order(tmp_path: Path):
    originals = {"U": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "V": np.zeros((3, 0)), "n": np.array(4)}
    write_arrays(originals, tmp_path / "weights.npz")
    again = read_arrays(tmp_path / "weights.npz")
    assert digests(again) == digests(originals)
    assert again["U"].flags.f_contiguous
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as archive:
        assert sorted(archive) == sorted(originals)


def test_arrays_that_are_compressed_or_more_than_they_say_are_refused(tmp_path: Path):
    np.savez_compressed(tmp_path / "zeros.npz", W=np.zeros(10**6))
    with pytest.raises(VerificationError, match="compressed"):
        read_arrays(tmp_path / "zeros.npz")
    with pytest.raises(InputError, match="cannot be read"):
        read_arrays(tmp_path / "none.npz")


@dataclass(frozen=True, eq=False)
class Striped:
    """A type of somebody's own: every second column has the weights w (n), the others 1."""

    w: np.ndarray
    d: int

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.w), self.d

    @property
    def rank(self) -> int:
        return min(2, *self.shape)

    def block(self, columns: slice | np.ndarray) -> DenseWeights:
        return DenseWeights(self.dense(columns))

    def rows(self, rows: np.ndarray) -> "Striped":
        return Striped(self.w[rows], self.d)

    def dense(self, columns: np.ndarray | slice) -> np.ndarray:
        return np.where(self.groups[columns], self.w[:, None], 1.0)

    def entries(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return np.where(self.groups[columns], self.w[rows], 1.0)

    @property
    def groups(self) -> np.ndarray:
        return np.arange(self.d) % 2


def test_a_type_from_outside_is_kept_restored_and_asked_for_its_support():
    W = Striped(np.array([2.0, 0.0, 0.5]), 5)
    kept = keep_weights(W, NOTHING)
    again = restore_weights(kept, NOTHING, (3, 5), [*TYPES, Striped])
    assert kept.facts == {"form": "Striped", "d": 5}
    assert again.dense(slice(None)).tobytes() == W.dense(slice(None)).tobytes()
    assert support_sizes(W, slice(None)).tolist() == [3, 2, 3, 2, 3]
    with pytest.raises(VerificationError):
        restore_weights(kept, NOTHING, (3, 5), TYPES)


def test_every_class_of_weights_is_known_by_its_name():
    classes = {name for name, kind in vars(weights).items() if isinstance(kind, type) and hasattr(kind, "dense")}
    assert classes - {"Weights"} | {FileWeights.__name__} == BUILT_IN.weights.keys()


def test_a_file_stays_where_it_is(tmp_path: Path):
    W = np.arange(12.0).reshape(3, 4)
    np.save(tmp_path / "W.npy", W)
    np.save(tmp_path / "A.npy", W)
    options = Files(A=str(tmp_path / "A.npy"), W=str(tmp_path / "W.npy"), k=1)
    kept = keep_weights(options.open(alone).weights, options)
    assert kept.arrays == {}
    assert str(tmp_path) not in str(kept.facts)
    assert restore_weights(kept, options, (3, 4), TYPES).dense(slice(None)).tobytes() == W.tobytes()
    np.save(tmp_path / "W.npy", W + 1)
    with pytest.raises(VerificationError, match="its SHA-256 is another"):
        restore_weights(kept, options, (3, 4), TYPES)
    with pytest.raises(InputError, match=r"none.npy, and it is not there"):
        restore_weights(kept, replace(options, W=str(tmp_path / "none.npy")), (3, 4), TYPES)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"form": "Unknown"},
        {"form": "BlockMask", "n": 4},
        {"form": "BlockMask", "n": "4", "r": 2, "width": 2, "first": 0, "d": 4},
        {"form": "BlockMask", "n": 4, "r": 2, "width": 2, "first": 0, "d": 5},
        {"form": "DenseWeights", "claimed_rank": 1},
    ],
)
def test_what_makes_no_weights_of_this_shape_is_refused(facts: dict[str, object]):
    with pytest.raises(VerificationError):
        restore_weights(Kept(facts, {}), NOTHING, (4, 4), TYPES)
