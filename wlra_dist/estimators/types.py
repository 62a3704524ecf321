"""What an estimator is given, as scikit-learn and the solvers take it; what is unfit is a ValueError."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.given import given_array, given_integer


def numbers(X: Any, name: str = "X") -> Any:
    """X as scikit-learn can take it: tensors and short floats as arrays; no integer beyond 2^53 passes."""
    own = isinstance(X, np.ndarray) and X.dtype.kind in "OUSc"  # scikit-learn has its own word on these
    masked = isinstance(X, np.ma.MaskedArray)
    if own or masked or not (isinstance(X, np.ndarray) or hasattr(X, "detach")):
        return X
    with _as_value_error():
        return given_array(X, name)


def checked_k(k: Any) -> int:
    """The rank; ValueError unless it is an integer of at least 1."""
    with _as_value_error():
        return given_integer(k, "k")


@contextmanager
def _as_value_error() -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise ValueError(str(error)) from error
