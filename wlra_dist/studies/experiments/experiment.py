"""An experiment: what is compared on which matrices; its scenario, read and checked."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, get_args

from wlra_dist.errors import InputError
from wlra_dist.scenario.catalogue import BUILT_IN, Catalogue
from wlra_dist.scenario.check import EXPERIMENT, checked, checked_instance, strangers, with_paths
from wlra_dist.scenario.options import InstanceOptions
from wlra_dist.scenario.toml import read_draft, read_tables
from wlra_dist.scenario.words import one_of
from wlra_dist.solvers.methods import SOLVERS, Solvers, stages
from wlra_dist.studies.experiments.approximate_als import ApproximateALS, ApproximateALSResult
from wlra_dist.studies.experiments.compression import Compression, CompressionResult
from wlra_dist.studies.experiments.figure_tables import FiguresResult
from wlra_dist.studies.experiments.figures import Figures
from wlra_dist.studies.experiments.method import Method, Stated
from wlra_dist.studies.experiments.pieces import Keep, unkept
from wlra_dist.studies.experiments.rank_sweep import RankSweep, RankSweepResult
from wlra_dist.studies.experiments.tables import Row, Tell
from wlra_dist.world.blas import fix_blas_threads

OnOneInstance: TypeAlias = RankSweep | Compression
"""Experiments on what [instance] names; the others have their own matrices."""

Kind: TypeAlias = OnOneInstance | Figures | ApproximateALS

EXPERIMENTS: dict[str, type[Kind]] = {
    "rank_sweep": RankSweep,
    "compression": Compression,
    "figures": Figures,
    "approximate_als": ApproximateALS,
}
"""The kinds that [experiment] may name; the fields of the class are the table's other keys."""

Result: TypeAlias = RankSweepResult | CompressionResult | FiguresResult | ApproximateALSResult


@dataclass(frozen=True)
class Experiment:
    """All that an experiment follows from."""

    name: str
    about: str
    instance_kind: str
    instance: InstanceOptions | None
    kind: str
    options: Kind
    catalogue: Catalogue = field(default=BUILT_IN, repr=False, compare=False)

    def run(self, tell: Tell = lambda _: None, keep: Keep = unkept) -> Result:
        """Does it; `tell` hears of each part before it begins. InputError if an instance cannot be opened."""
        fix_blas_threads(self.options.threads)
        match self.options:
            case Figures() as figures:
                return figures.run(tell, self.catalogue.solvers, keep)
            case ApproximateALS() as alternation:
                return alternation.run(tell)
            case on_one_instance:
                pass
        assert self.instance is not None, "checked when it was loaded"
        return on_one_instance.run(self.instance, tell, self.catalogue.solvers)

    def facts(self) -> Row:
        """All of it as plain values."""
        instance: Any = self.instance
        tables = {"instance": {"kind": self.instance_kind, **asdict(instance)}} if instance else {}
        tables[EXPERIMENT] = {"kind": self.kind, **asdict(self.options)}
        return {"name": self.name, "about": self.about, **tables}


def load_experiment(path: Path, settings: Iterable[str] = (), catalogue: Catalogue = BUILT_IN) -> Experiment:
    """The experiment of a TOML file, with `key=value` settings put over it; InputError with all that is wrong."""
    known = _kind(read_tables(path), path)
    draft = read_draft(path, settings, catalogue, {EXPERIMENT: known})
    tables, solvers = draft.tables, draft.catalogue.solvers
    known = _kind(tables, path)
    of_one = known in get_args(OnOneInstance)
    faults = strangers(tables, [*(["instance"] if of_one else []), EXPERIMENT])
    instance_kind, instance = checked_instance(draft, faults) if of_one else ("", None)
    table = {key: value for key, value in tables[EXPERIMENT].items() if key != "kind"}
    options = checked(known, with_paths(known, table, path), EXPERIMENT, faults)
    if options:
        faults += [fault for stated in options.stated for fault in method_faults(stated, solvers)]
    if isinstance(options, OnOneInstance) and instance and max(options.ranks) > instance.k:
        limit = f"the k = {instance.k} of [instance]"
        faults.append(f"[{EXPERIMENT}] ranks: expected at most {limit}, got {max(options.ranks)}")
    if faults or not options:
        raise InputError(f"{path}: {'; '.join(faults)}")
    about, kind = tables.get("about", ""), tables[EXPERIMENT]["kind"]
    return Experiment(path.stem, about, instance_kind, instance, kind, options, draft.catalogue)


def _kind(tables: dict[str, Any], path: Path) -> type[Kind]:
    table = tables.get(EXPERIMENT)
    if not isinstance(table, dict):
        raise InputError(f"{path}: has no table [{EXPERIMENT}], so there is nothing to compare; try `wlra-dist run`")
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in EXPERIMENTS:
        raise InputError(f"{path}: [{EXPERIMENT}] kind {one_of(EXPERIMENTS, kind)}")
    return EXPERIMENTS[kind]


def method_faults(stated: Stated, solvers: Solvers = SOLVERS) -> list[str]:
    """What is wrong with a method: its name, an option, or the value of one."""
    method = Method.of(stated)
    try:
        stages(method.name, method.options_at(1), solvers)
    except InputError as error:
        return [f"[{EXPERIMENT}] {error}"]
    return []
