"""Section 4 of Woodruff & Yasuda on its four data sets: what its tables and figures are made of.

A piece is one network: a set of images and a trial, which trains a network of its own (`figure_piece.py`).
"""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Interval

from wlra_dist.errors import InputError
from wlra_dist.inputs.nearest import did_you_mean
from wlra_dist.inputs.numbers import Rank, Seed
from wlra_dist.instances import ImagesFisher
from wlra_dist.instances.images.sets import DATASETS
from wlra_dist.solvers import SOLVERS
from wlra_dist.solvers.methods import Solvers
from wlra_dist.studies.experiments.figure_piece import NetworkPiece, made
from wlra_dist.studies.experiments.figure_tables import FiguresResult
from wlra_dist.studies.experiments.method import Method, Stated
from wlra_dist.studies.experiments.options import Threads, Trials, require_each_once
from wlra_dist.studies.experiments.pieces import Keep, unkept
from wlra_dist.studies.experiments.tables import Row, Tell

DRAWN = "drawn:"
"""Before the name of a set: its stand-in, also where there are data."""

LARGE = 2**20
"""Entries of a layer from which on it has ranks of its own."""

QUICK: dict[str, Any] = {"hidden": 16, "epochs": 1, "most": 200}
"""Of the networks of a rehearsal."""


@dataclass(frozen=True)
class Figures:
    """[experiment] kind = "figures".

    Args:
        sets: of `instances.images.sets.DATASETS`; "drawn:NAME" is the stand-in of one, in any case.
        ranks, large_ranks: to solve for, of the layers with less and with more than a million entries.
        methods: that are compared.
        refine: methods that are followed from iterate to iterate, at the largest rank.
        data: a directory with a folder for each set; without one all are drawn.
        trials: networks of each set.
        enclose: seconds, at most, in which the optimum of each rank is enclosed; 0: it is not.
        quick: a rehearsal: small networks that have seen few images.
        threads: of BLAS.
        seed: of the first trial's network and solutions.
    """

    PATHS: ClassVar = ("data",)
    """The options that a scenario states relative to its own file."""

    sets: list[str]
    ranks: list[Rank]
    large_ranks: list[Rank]
    methods: list[Stated]
    refine: list[Stated] = field(default_factory=list)
    data: str | None = None
    trials: Trials = 5
    enclose: Annotated[float, Interval(ge=0, le=86_400)] = 0.0
    quick: bool = False
    threads: Threads = 1
    seed: Seed = 0

    def __post_init__(self) -> None:
        require_each_once(sets=self.sets, ranks=self.ranks, large_ranks=self.large_ranks, methods=self.methods)
        for name in self.sets:
            if name.removeprefix(DRAWN) not in DATASETS:
                raise ValueError(f"sets: expected of {', '.join(DATASETS)}, got {name!r}{did_you_mean(name, DATASETS)}")
            self.layer(name, 0)  # whose ranks are checked there

    @property
    def stated(self) -> list[Stated]:
        """All methods."""
        return [*self.methods, *self.refine]

    def run(self, tell: Tell, solvers: Solvers = SOLVERS, keep: Keep = unkept) -> FiguresResult:
        """All pieces; InputError for data that are damaged or, before the first piece is made, missing."""
        for name in self.sets:
            self._require_data(self.layer(name, 0))
        pieces = [self._piece(name, trial, tell, solvers, keep) for name in self.sets for trial in range(self.trials)]
        return FiguresResult(pieces, [Method.of(stated).label for stated in self.methods])

    def _require_data(self, layer: ImagesFisher) -> None:
        """What is in the folder of a set shows when it is read."""
        folder = Path(layer.data or "") / layer.images
        if layer.data and not folder.is_dir():
            raise InputError(f"{layer.set.missing(folder)}; in sets, {DRAWN + layer.images!r} is its stand-in")

    def layer(self, name: str, trial: int) -> ImagesFisher:
        """The instance of a trial; k is the largest rank."""
        images: Any = name.removeprefix(DRAWN)
        usual = ImagesFisher(1, images, None if images != name else self.data, seed=self.seed + trial)
        layer = replace(usual, **QUICK) if self.quick else usual
        return replace(layer, k=max(self._ranks(layer)))

    def _ranks(self, layer: ImagesFisher) -> list[Rank]:
        return self.large_ranks if layer.set.pixels * layer.set.neurons > LARGE else self.ranks

    def _piece(self, name: str, trial: int, tell: Tell, solvers: Solvers, keep: Keep) -> Row:
        """What one network gives, made or kept."""
        layer = self.layer(name, trial)
        asked = NetworkPiece(layer, self._ranks(layer), self.methods, [], 0.0, pictured=False)
        if not trial:
            asked = replace(asked, refine=self.refine, enclose=self.enclose, pictured=True)
        facts = asdict(replace(asked, layer=replace(layer, data=None))) | {"threads": self.threads}

        def aloud(what: str) -> None:
            tell(f"{name}, network {trial + 1} of {self.trials}: {what}")

        aloud("drawing or reading images, training")
        return keep(facts, layer.files(), lambda: made(asked, solvers, aloud))
