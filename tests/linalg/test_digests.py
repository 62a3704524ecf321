"""A sum over values is the same where the values are, and another where one of them is."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.sparse import csc_array

from wlra_dist.linalg.digests import Absorbed


class Message(NamedTuple):
    """A value as codecs give it."""

    S: np.ndarray
    exponent: int


def digest(*values: Any) -> str:
    absorbed = Absorbed()
    for value in values:
        absorbed.absorb(value)
    return absorbed.digest


def test_numbers_count_as_what_they_are():
    small, large = np.arange(3, dtype=np.int32), np.arange(3, dtype=np.int64)
    assert digest(Message(small, 2)) == digest(Message(large, 2)) == digest((large, 2))
    assert digest(np.float32(0.5)) == digest(np.float64(0.5))
    assert digest(csc_array(np.eye(3))) == digest(csc_array(np.eye(3, dtype=np.float32)))


@pytest.mark.parametrize(
    "others", [(0.0, -0.0), (1, 1.0, True, None, b"1", "1"), (np.zeros((2, 3)), np.zeros((3, 2)), np.zeros(6))]
)
def test_other_values_have_other_sums(others: tuple[Any, ...]):
    assert len({digest(value) for value in others} | {digest((value,)) for value in others}) == 2 * len(others)


def test_what_no_message_holds_is_refused():
    with pytest.raises(TypeError, match="got dict"):
        digest({})
