"""The solvers by name, and methods that continue each other: "svd_w+als" starts als from what svd_w found."""

from collections.abc import Mapping
from dataclasses import fields
from inspect import signature
from typing import Any, TypeAlias

from wlra_dist.errors import InputError
from wlra_dist.inputs.tables import Names
from wlra_dist.solvers.approximation import Solver
from wlra_dist.solvers.options import faults

Solvers: TypeAlias = Mapping[str, type[Solver]]

SOLVERS: Solvers = Names(
    {
        "reweighted_svd": "wlra_dist.solvers.methods.reweighted_svd:ReweightedSVD",
        "svd_w": "wlra_dist.solvers.methods.svd_w:SVDW",
        "svd": "wlra_dist.solvers.methods.svd:SVD",
        "em": "wlra_dist.solvers.methods.em:EM",
        "als": "wlra_dist.solvers.methods.als:Alternating",
        "adam": "wlra_dist.solvers.methods.adam:Adam",
        "greedy": "wlra_dist.solvers.methods.greedy:GreedyPursuit",
        "sample": "wlra_dist.solvers.methods.sample:Sample",
        "distinct": "wlra_dist.solvers.methods.distinct:Distinct",
    }
)
"""A method's name; the fields of the class are the method's options."""


def stages(method: str, options: dict[str, Any], known: Solvers = SOLVERS) -> list[Solver]:
    """The solvers of "a+b+…" by the names that are known, each with those of the options that it has.

    InputError for a name that is none, an option that no stage has or of a wrong value, or a stage that cannot take a
    start.
    """
    classes = [_named(name, known) for name in method.split("+")]
    _require_known(method, classes, options)
    for name, solver in list(zip(method.split("+"), classes, strict=True))[1:]:
        if "start" not in signature(solver.__call__).parameters:
            raise InputError(f"{name} starts from nothing, so it can only stand first in {method}: try em, als or adam")
    solvers = [solver(**{name: options[name] for name in _options(solver) & options.keys()}) for solver in classes]
    wrong = [fault for solver in solvers for fault in faults(solver)]
    if wrong:
        raise InputError(f"{method}: {'; '.join(wrong)}")
    return solvers


def _named(name: str, known: Solvers) -> type[Solver]:
    if name not in known:
        raise InputError(f"expected one of {', '.join(known)}, or two joined by +, found method {name!r}")
    return known[name]


def _options(solver: type[Solver]) -> set[str]:
    return {field.name for field in fields(solver)}  # pyright: ignore[reportArgumentType]  # all are dataclasses


def _require_known(method: str, classes: list[type[Solver]], options: dict[str, Any]) -> None:
    known = set().union(*(_options(solver) for solver in classes))
    unknown = sorted(options.keys() - known)
    if unknown:
        raise InputError(f"{method} has no option {unknown[0]}: expected one of {', '.join(sorted(known))}")
