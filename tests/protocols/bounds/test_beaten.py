"""Each hypothesis of a lower bound is needed: without it there is a protocol that says less.

A protocol is written as a table here: for each outcome of the public coins, all equally likely, and each input, what
is said and what is answered.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest

from wlra_dist.instances import Instance, LowerBound, Share
from wlra_dist.instances.instance import Columns
from wlra_dist.playing.play import play
from wlra_dist.protocols import bounds
from wlra_dist.protocols.bounds import lower
from wlra_dist.record.summary import summary
from wlra_dist.report.tables.links import links
from wlra_dist.scenario.options import GameOptions, InstanceOptions, ProtocolOptions, Scenario
from wlra_dist.weights import BlockMask, DenseWeights, Weights
from wlra_dist.world.world import Alone

N = 6
INPUTS = ["".join(bits) for bits in product("01", repeat=N)]

Exchange = tuple[str, str]
"""A transcript, and the answer that is read off it."""


@dataclass(frozen=True)
class Table:
    """by[coin][x] is what is said and answered on input x."""

    by: list[dict[str, Exchange]]

    @property
    def chance(self) -> float:
        """Of being right, on the input where it is least."""
        return min(sum(table[x][1] == x for table in self.by) / len(self.by) for x in INPUTS)

    @property
    def worst(self) -> int:
        return max(len(message) for table in self.by for message, _ in table.values())

    @property
    def average(self) -> float:
        return float(np.mean([len(message) for table in self.by for message, _ in table.values()]))

    @property
    def delimited(self) -> bool:
        """Whether no transcript begins another, by the same coins."""
        return all(not _begun({message for message, _ in table.values()}) for table in self.by)

    @property
    def readable(self) -> bool:
        """Whether the answer follows from what was said."""
        return all(len(set(table.values())) == len({message for message, _ in table.values()}) for table in self.by)


def _begun(transcripts: set[str]) -> bool:
    return any(one != other and other.startswith(one) for one in transcripts for other in transcripts)


SPELLED = {x: (x, x) for x in INPUTS}
SILENT = {x: ("", INPUTS[0]) for x in INPUTS}


def strings() -> Iterator[str]:
    """All strings, shortest first."""
    return ("".join(bits) for length in range(N + 1) for bits in product("01", repeat=length))


def rotated(table: Callable[[list[str]], dict[str, Exchange]]) -> Table:
    """A public coin draws which input comes first."""
    return Table([table(INPUTS[first:] + INPUTS[:first]) for first in range(len(INPUTS))])


def half(inputs: list[str]) -> dict[str, Exchange]:
    """N − 1 bits name one of the first half of the inputs; on all others they are wrong."""
    named = inputs[: len(inputs) // 2]
    return {x: (INPUTS[i % len(named)][1:], named[i % len(named)]) for i, x in enumerate(inputs)}


def undelimited(inputs: list[str]) -> dict[str, Exchange]:
    """The shortest strings, of N − 1 bits at most; the last input must do with another's."""
    *others, last = inputs
    known = {x: (message, x) for x, message in zip(others, strings(), strict=False)}
    return known | {last: known[others[0]]}


def test_a_protocol_that_spells_the_input_meets_every_bound():
    table = Table([SPELLED])
    assert table.chance == 1
    assert table.delimited
    assert table.readable
    assert table.average == table.worst == N >= lower.zero_error_bits(N) > lower.worst_case_bits(N)


def test_who_may_err_one_time_in_three_beats_the_bound_of_those_who_never_do():
    table = Table([SPELLED, SPELLED, SILENT])
    assert table.chance >= 2 / 3
    assert table.delimited
    assert table.readable
    assert lower.expected_bits(N, N) <= table.average < lower.zero_error_bits(N)


def test_who_may_err_one_time_in_two_beats_the_bound_on_the_worst_case():
    table = rotated(half)
    assert table.chance == 1 / 2
    assert table.delimited
    assert table.readable
    assert table.worst == N - 1 < lower.worst_case_bits(N)


def test_who_may_err_two_times_in_three_beats_the_bound_on_the_average():
    table = Table([SPELLED, SILENT, SILENT])
    assert table.chance == 1 / 3
    assert table.delimited
    assert table.average < lower.expected_bits(N, N)


def test_words_that_do_not_delimit_themselves_beat_the_bound_on_the_worst_case():
    table = rotated(undelimited)
    assert table.chance >= 2 / 3
    assert table.readable
    assert not table.delimited
    assert N - np.log2(3) <= table.worst == N - 1 < lower.worst_case_bits(N)


def test_words_that_do_not_delimit_themselves_beat_the_bound_on_the_average():
    table = Table([{x: (message, x) for x, message in zip(INPUTS, strings(), strict=False)}])
    assert table.chance == 1
    assert table.readable
    assert table.average < lower.zero_error_bits(N) - 1


@dataclass(frozen=True)
class Given:
    """Random 0/1 on supp(W), in the first s rows and k columns of each block."""

    W: Weights
    k: int
    r: int
    s: int
    A: np.ndarray

    @classmethod
    def masked(cls, W: BlockMask, k: int, r: int, s: int) -> "Given":
        A = np.zeros(W.shape)
        for block in range(r):
            rows = np.flatnonzero(W.row_blocks == block)[:s]
            columns = np.flatnonzero(W.column_blocks == block)[:k]
            A[np.ix_(rows, columns)] = np.random.default_rng(block).integers(0, 2, (len(rows), len(columns)))
        return cls(W, k, r, s, A)

    def open(self, share: Share) -> Instance:  # noqa: ARG002  nothing is to be shared
        return Instance(self.W.shape, self.k, self.r, self.W, self.block, integer=True, bound=1, sparsity=self.s)

    def block(self, columns: Columns) -> np.ndarray:
        return self.A[:, columns]


def played(instance: InstanceOptions, m: int = 1, **options: Any) -> dict[str, Any]:
    """The figures of a game in which nothing was lost, and what was told to servers."""
    game = GameOptions(servers=m, model=options.pop("model", "message-passing"))
    speak = ProtocolOptions(**{"name": "one_round", **options})
    outcome = play(Scenario("beaten", "", "given", instance, game, speak), Alone())
    assert outcome is not None
    facts = summary(outcome) | links(outcome)
    assert facts["loss"] == 0 or not facts["promised"]
    return facts


DIAGONAL = np.diag([1.0] * 8 + [0.0] * 56)

OTHERS = {
    "d < rk": Given.masked(BlockMask.wide(256, 4, 2, 8), k=7, r=4, s=64),
    "a W that is no mask": Given(DenseWeights(DIAGONAL), k=8, r=8, s=8, A=DIAGONAL),
    "s > n/r": Given.masked(BlockMask.square(32, 4), k=4, r=4, s=32),
    "k > n/r": Given.masked(BlockMask.square(32, 4), k=24, r=4, s=8),
}


@pytest.mark.parametrize("hypothesis", OTHERS)
def test_where_the_hard_instance_is_smaller_or_none_a_game_takes_less_than_srk(hypothesis: str):
    instance = OTHERS[hypothesis]
    facts = played(instance)
    assert facts["bits"] < instance.s * instance.r * instance.k
    assert facts["lower_bound_bits"] == (64 * 8 if hypothesis == "d < rk" else None)


HARD = LowerBound(s=64, r=4, k=4)
SRK = 64 * 4 * 4


def test_who_promises_nothing_may_be_silent():
    known = bounds.lower_bounds(bounds.Bound(N), bounds.Rules(m=2, everyone=True, blackboard=False, promise="certain"))
    assert Table([SILENT]).worst == 0 < min(bound.bits or 0 for bound in known.values())


ALL_BUT_ONE = {
    "everyone": {"m": 4},
    "links": {"m": 4, "output": "everyone", "model": "blackboard"},
}


@pytest.mark.parametrize("hypothesis", ALL_BUT_ONE)
def test_the_bound_for_everyone_is_beaten_where_one_hears_or_all_hear_the_same(hypothesis: str):
    facts = played(HARD, **ALL_BUT_ONE[hypothesis])
    assert SRK <= facts["bits"] < lower.everyone_bits(SRK, 4)
    assert facts["lower_bound_everyone"] is None
    assert facts["least_bits"] == SRK


def test_a_single_server_need_not_be_told_what_it_knows():
    facts = played(HARD, m=1, output="everyone")
    assert facts["copies"] == 1
    assert facts["down_bits"] == 0 < lower.everyone_bits(SRK, 1)
    assert facts["lower_bound_everyone"] is None
