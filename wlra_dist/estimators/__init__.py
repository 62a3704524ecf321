"""Scikit-learn estimators over the package; scikit-learn is imported with the first of them, not before."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wlra_dist.estimators.column_selector import WeightedColumnSelector as WeightedColumnSelector
    from wlra_dist.estimators.low_rank import WeightedLowRank as WeightedLowRank

_MODULES = {"WeightedColumnSelector": "column_selector", "WeightedLowRank": "low_rank"}

__all__ = list(_MODULES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    """The estimator of that name; ImportError where scikit-learn is missing."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_MODULES)
