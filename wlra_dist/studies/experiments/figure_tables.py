"""What the pieces of section 4 say together: the paper's tables by number, and whether its order comes out."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from wlra_dist.instances.images.sets import DATASETS
from wlra_dist.studies.experiments.tables import Row, Rows

PAPER_MASS = {"mnist": 0.954, "fashion_mnist": 0.959, "smallnorb": 0.999, "colorectal_histology": 0.993}
"""Table 2 of the paper."""

PAPER_ORDER = ("em", "adam", "svd_w", "greedy", "svd", "sample")
"""From the smallest loss to the largest; the text says of svd_w that it nearly matches the two before it."""

USUAL = "svd_w"
"""Seconds are also told over those of this method."""


@dataclass(frozen=True, eq=False)
class FiguresResult:
    """What was found.

    Attributes:
        pieces: of `figure_piece.made`, the trials of a set after each other.
        methods: by the names that tables give them.
    """

    pieces: Rows
    methods: list[str]

    @cached_property
    def sets(self) -> dict[str, Rows]:
        """The pieces by name of their set; of stand-ins by "drawn NAME"."""
        found: dict[str, Rows] = {}
        for piece in self.pieces:
            found.setdefault(f"drawn {piece['set']}" if piece["drawn"] else piece["set"], []).append(piece)
        return found

    @property
    def facts(self) -> Row:
        """How much was done."""
        return {"networks": len(self.pieces), "cpu_seconds": sum(piece["cpu_seconds"] for piece in self.pieces)}

    @property
    def tables(self) -> dict[str, Rows]:
        """By the names of their files."""
        found = {name: list(table) for name, table in (("table1", self.table1()), ("table2", self.table2()))}
        found |= {"losses": self.losses, "order": list(self.order())}
        return found | {name: list(self.of_first(name)) for name in ("spectrum", "refinement", "optimum")}

    def table1(self) -> Iterator[Row]:
        """Data sets; the networks' accuracy is ours."""
        for name, pieces in self.sets.items():
            known, first = DATASETS[pieces[0]["set"]], pieces[0]
            sizes = {"image": "×".join(map(str, known.shape)), "flattened": first["n"], "neurons": first["d"]}
            yield {"set": name, **sizes, "matrix": f"{first['n']}×{first['d']}", **_spread(pieces, "accuracy")}

    def table2(self) -> Iterator[Row]:
        """The share of ‖F‖_F² in the first singular value, beside the paper's."""
        for name, pieces in self.sets.items():
            yield {"set": name, **_spread(pieces, "fisher_mass"), "paper": PAPER_MASS[pieces[0]["set"]]}

    @cached_property
    def losses(self) -> Rows:
        """Figures 2 and 3, Tables 3 to 5: a row for each set, method and rank; seconds are the least of all."""
        return [
            {"set": name, "method": method, "rank": k, "trials": len(pieces), **self._figures(name, method, k)}
            for name, pieces in self.sets.items()
            for method in self.methods
            for k in ranks(pieces)
        ]

    def _figures(self, name: str, method: str, k: int) -> Row:
        own, usual = self._trials(name, method, k), self._trials(name, USUAL, k)
        seconds, theirs = (min((row["seconds"] for row in rows), default=None) for rows in (own, usual))
        times = {"seconds": seconds, "seconds_over_svd_w": seconds / theirs if seconds and theirs else None}
        return {**_spread(own, "relative_loss"), **times, "parameters": own[0]["parameters"]}

    def _trials(self, name: str, method: str, k: int) -> Rows:
        rows = (row for piece in self.sets[name] for row in piece["losses"])
        return [row for row in rows if row["method"] == method and row["rank"] == k]

    def of_first(self, part: str) -> Iterator[Row]:
        """Rows of the networks that are shown, each with its set."""
        for name, pieces in self.sets.items():
            yield from ({"set": name, **row} for row in pieces[0].get(part, ()))

    def order(self) -> Iterator[Row]:
        """Of neighbours in the paper's order, at the largest rank: which loses less, and whether all networks agree.

        `difference` is what the second loses more, on the mean; the same network's losses are held against each other.
        """
        named = [method for method in PAPER_ORDER if method in self.methods]
        for name, pieces in self.sets.items():
            k = ranks(pieces)[-1]
            for better, worse in pairwise(named):
                first, second = (self._trials(name, method, k) for method in (better, worse))
                more = np.array([b["relative_loss"] - a["relative_loss"] for a, b in zip(first, second, strict=True)])
                verdict = "as in the paper" if (more > 0).all() else "the other way" if (more < 0).all() else "open"
                facts = {"difference": float(more.mean()), "deviation": float(more.std()), "verdict": verdict}
                yield {"set": name, "rank": k, "less": better, "more": worse, **facts}


def ranks(pieces: Rows) -> list[int]:
    """That a set's networks were solved for, in order."""
    return sorted({row["rank"] for row in pieces[0]["losses"]})


def _spread(rows: Rows, key: str) -> Row:
    values = np.array([row[key] for row in rows])
    return {key: float(values.mean()), f"{key}_deviation": float(values.std())}
