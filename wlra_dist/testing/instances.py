"""The laws of an instance kind."""

import json
from collections.abc import Callable
from dataclasses import asdict
from math import prod
from typing import Any

import numpy as np

from wlra_dist.instances import Instance, alone
from wlra_dist.linalg.matrix import Matrix, dense
from wlra_dist.scenario.choices import as_class
from wlra_dist.testing.apart import ApartError, apart
from wlra_dist.testing.laws import require, under_check
from wlra_dist.testing.sums import sum_of
from wlra_dist.testing.weights import check_weights


def check_instance(kind: Callable[..., Any], **options: Any) -> None:
    """Holds an instance kind to the rules of `wlra_dist.instances`: every process has the same A, column by column.

    Parameters
    ----------
    kind
        A function of keyword-only options, or a dataclass of them with a method ``open``, as a plugin's ``INSTANCES``
        names it.
    **options
        Of a small instance: A and W are formed whole.

    Raises
    ------
    AssertionError
        One sentence: options that a record cannot keep; sizes that do not fit; a column that depends on the block it is
        asked for in, or on the process that asks; entries beyond what is stated of them (`integer`, `bound`,
        `sparsity`, `grid`); weights that are none (`check_weights`).
    """
    make = as_class(kind, "open")
    with under_check(kind, "with these options"):
        asked = make(**options)
        kept = json.loads(json.dumps(asdict(asked)))
        require(asdict(make(**kept)) == asdict(asked), "options do not come back from a record")
        instance = asked.open(alone)
        require(isinstance(instance, Instance), f"`open` gives an Instance, {type(instance).__name__} came")
        _check_sizes(instance)
        whole = instance.columns(slice(None))
        _check_columns(instance, whole)
        _check_entries(instance, whole)
        _check_everywhere(make, kept, instance, whole)
    check_weights(instance.weights)


def _check_sizes(instance: Instance) -> None:
    n, d = instance.shape
    require(instance.weights.shape == (n, d), f"W has the shape {instance.weights.shape}, A {(n, d)}")
    require(1 <= instance.k < min(n, d), f"the target rank is 1 to {min(n, d) - 1}, {instance.k} came")
    require(1 <= instance.r <= min(n, d), f"the rank of W is 1 to {min(n, d)}, {instance.r} came")
    if instance.grid is not None:
        require(prod(instance.grid) == n, f"{instance.grid} pixels are not {n} rows")


def _check_columns(instance: Instance, whole: Matrix) -> None:
    """A column is the same in whatever block."""
    d = instance.shape[1]
    require(whole.shape == instance.shape, f"all columns have the shape {whole.shape}")
    require(whole.dtype.kind == "f", f"a block of floats is due, {whole.dtype} came")
    for columns in (slice(1, d), np.arange(d)[::2], np.array([d - 1]), slice(0, 0)):
        same = sum_of(dense(instance.columns(columns))) == sum_of(dense(whole)[:, columns])
        require(same, "a column depends on the block that it is asked for in")


def _check_entries(instance: Instance, whole: Matrix) -> None:
    A = dense(whole)
    if instance.integer:
        require((np.rint(A) == A).all(), "A is said to be integral, and is not")
        require(instance.bound is not None, "an integer A has a public bound")
        require(np.abs(A).max() <= (instance.bound or 0), f"A is said to be at most {instance.bound}, and is not")
    if instance.sparsity is not None:
        most = int(np.count_nonzero(A, axis=0).max())
        require(most <= instance.sparsity, f"s is said to be {instance.sparsity}, and a column has {most} nonzeros")


def _check_everywhere(make: Callable[..., Any], kept: dict[str, Any], instance: Instance, whole: Matrix) -> None:
    """Another process opens the same."""

    def open_there() -> bytes:
        there = make(**kept).open(alone)
        W = there.weights.dense(slice(None))
        return (sum_of(dense(there.columns(slice(None)))) + sum_of(W)).encode()

    here = (sum_of(dense(whole)) + sum_of(instance.weights.dense(slice(None)))).encode()
    try:
        require(apart(open_there) == here, "another process opens another A or W")
    except ApartError as error:
        require(False, f"another process that opens it {error}")
