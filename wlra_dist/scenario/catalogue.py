"""What the names in a scenario mean: the package's own protocols, selectors, …, and those that plugins bring.

A catalogue is a value. Who reads a scenario is given one, and the scenario keeps it; nothing is registered anywhere.
"""

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from wlra_dist.css import SELECTORS
from wlra_dist.errors import InputError
from wlra_dist.instances import INSTANCES
from wlra_dist.instances.from_files import FileWeights
from wlra_dist.protocols import BY_ESTIMATE, NO_PROMISE, PROTOCOLS, TWO_IN_THREE
from wlra_dist.protocols.bounds import UPPER_BOUNDS, Promise, Sizes
from wlra_dist.solvers.methods import SOLVERS
from wlra_dist.weights import WEIGHTS

WHAT = {
    "PROTOCOLS": "protocol",
    "SELECTORS": "selector",
    "INSTANCES": "instance kind",
    "SOLVERS": "solver",
    "WEIGHTS": "weight type",
}
"""The tables that a plugin may define, and what is in each."""

Names = Mapping[str, Any]


@dataclass(frozen=True)
class Plugin:
    """What somebody else's file, or installed module, brings.

    Attributes:
        name: of the file; of an installed one the name of its entry point.
        sha256: of the file.
        tables: by table of `WHAT`, what it names.
        upper_bounds: the words that a protocol of it says at most, if it states them.
        promises: how surely a protocol of it keeps its promise, if it makes any: "certain", "estimate", "two in three".
    """

    name: str
    sha256: str
    tables: Mapping[str, Names]
    upper_bounds: Mapping[str, Callable[[Sizes], int]]
    promises: Mapping[str, Promise]

    @property
    def facts(self) -> dict[str, str]:
        """What a record keeps of it."""
        return {"name": self.name, "sha256": self.sha256}


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Names and what they mean.

    Attributes:
        protocols: functions, or dataclasses of a protocol's own options.
        selectors, instances, solvers: dataclasses of options.
        weights: types of W; no two classes are called alike.
        upper_bounds: the words that a protocol says at most, where a theorem or its plugin tells.
        promises: how surely a protocol keeps to (1+ε); one that promises nothing is not there.
        plugins: those that were added to the package's own.
    """

    protocols: Names
    selectors: Names
    instances: Names
    solvers: Names
    weights: Names
    upper_bounds: Mapping[str, Callable[[Sizes], int]]
    promises: Mapping[str, Promise]
    plugins: tuple[Plugin, ...] = ()

    def __repr__(self) -> str:
        return f"<the package's names, and those of {', '.join(each.name for each in self.plugins) or 'no plugin'}>"

    def with_plugin(self, plugin: Plugin) -> "Catalogue":
        """These names and the plugin's; InputError if a name is taken."""
        if any(plugin.facts == known.facts for known in self.plugins):
            return self
        names = {field: self._added(table, plugin) for table, field in _FIELDS.items()}
        return replace(
            self,
            **names,
            upper_bounds={**self.upper_bounds, **plugin.upper_bounds},
            promises={**self.promises, **plugin.promises},
            plugins=(*self.plugins, plugin),
        )

    def _added(self, table: str, plugin: Plugin) -> Names:
        known, new = getattr(self, _FIELDS[table]), plugin.tables.get(table, {})
        taken = [name for name in new if name in known]
        if table == "WEIGHTS":  # a record calls them by their classes
            taken += [name for kind in new.values() if (name := self.weight_type(kind.__name__))]
        if taken:
            owner = self.origin(table, taken[0])
            whose = f"of {owner.name}" if owner else "the package's own"
            raise InputError(
                f"{plugin.name}: the {WHAT[table]} {taken[0]!r} is {whose}: give the plugin's another name"
            )
        return ChainMap(dict(new), known)  # type: ignore[arg-type]  # nobody writes to it

    def weight_type(self, form: object) -> str | None:
        """The name of the weight type whose class is called so, as a record does; None for no type of these."""
        return next((name for name, kind in self.weights.items() if kind.__name__ == form), None)

    def origin(self, table: str, name: object) -> Plugin | None:
        """The plugin that a name comes from, if it comes from one."""
        return next((plugin for plugin in self.plugins if name in plugin.tables.get(table, {})), None)

    def origins(self, **named: object) -> list[Plugin]:
        """The plugins that these names come from, such as origins(PROTOCOLS="mine"), each once."""
        found = [self.origin(table, name) for table, name in named.items()]
        return [plugin for plugin in self.plugins if plugin in found]


_FIELDS = {table: table.lower() for table in WHAT}


def _promise(name: str) -> Promise:
    """How surely one of the package's own protocols keeps its promise."""
    return "estimate" if name in BY_ESTIMATE else "two in three" if name in TWO_IN_THREE else "certain"


BUILT_IN = Catalogue(
    PROTOCOLS,
    SELECTORS,
    INSTANCES,
    SOLVERS,
    WEIGHTS | {FileWeights.__name__: FileWeights},
    UPPER_BOUNDS,
    {name: _promise(name) for name in PROTOCOLS if name not in NO_PROMISE},
)
"""The package's own names."""
