"""A distributed communication-game simulator for weighted low rank approximation.

`import wlra_dist as wd` has all that people use; nothing is loaded before it is asked for. What stands in `__all__`
stays for at least one minor version after a release has announced its end; all else may change with any release.
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

_HOMES = {
    "wlra_dist.playing.simply": ("play",),
    "wlra_dist.playing.play": ("Outcome",),
    "wlra_dist.scenario.options": ("Scenario",),
    "wlra_dist.studies.simply": ("Games", "compare", "sweep"),
    "wlra_dist.record.replay": ("replay",),
    "wlra_dist.record.audit": ("audit",),
    "wlra_dist.record.expand": ("expand",),
    "wlra_dist.models": ("torch",),
    "wlra_dist.models.expand": ("load",),
    "wlra_dist.models.torch_face": ("fisher", "observe"),
    "wlra_dist.solvers": ("solve", "Solution"),
    "wlra_dist.solvers.enclosing": ("optimum",),
    "wlra_dist.solvers.regressions.simply": ("regressions",),
    "wlra_dist.css.simply": ("select_columns",),
    "wlra_dist.optima": ("lower_bounds",),
    "wlra_dist.protocols": ("bounds",),
    "wlra_dist.weights": ("BlockMask", "DenseWeights", "LowRankWeights", "SparseWeights", "StructuredWeights"),
    "wlra_dist.weights.structured.detect": ("detect_weights",),
    "wlra_dist.weights.structured.products": ("weighted_product",),
    "wlra_dist.estimators": ("WeightedColumnSelector", "WeightedLowRank"),
    "wlra_dist.game": ("Faceted", "Game", "Located", "Party", "PerParty"),
    "wlra_dist.protocols.terms": ("Terms",),
    "wlra_dist.weights.reweighted": ("ReweightedBlock", "ReweightedSolution"),
    "wlra_dist.codecs.base.bits": ("BitReader", "BitWriter", "DecodeError"),
    "wlra_dist.css.selection": ("Selection", "Stop"),
    "wlra_dist.instances.instance": ("Instance",),
    "wlra_dist.solvers.approximation": ("LowRank",),
    "wlra_dist.errors": ("InputError", "VerificationError", "WlraDistError"),
}
"""The module of each name of the face."""

_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = ["__version__", *_HOME]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    """The name, from its module; that module is loaded now."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
