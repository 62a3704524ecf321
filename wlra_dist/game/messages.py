"""What is public of every message before it is sent: who says it to whom, after what, in how many bits at most."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple, overload

from wlra_dist.codecs.base.codec import Codec
from wlra_dist.game.located import Depths, Party


class Announced(NamedTuple):
    """What is public of a message: its number, who sends it to whom, its causal depth, and its most bits."""

    step: int
    sender: Party
    receiver: Party
    round: int
    limit: int


class Run(NamedTuple):
    """Messages one after the other under one label; none of its sequences need be as long in memory as it says.

    Attributes:
        step: the number of the first.
        senders, receivers, codecs: of each message.
        rounds: their causal depths.
        label: the paper's symbol for what is said.
        copies: how many got the same words before, in one broadcast.
    """

    step: int
    senders: Sequence[Party]
    receivers: Sequence[Party]
    codecs: Sequence[Codec[Any]]
    rounds: Depths
    label: str
    copies: Sequence[int]

    def round(self, i: int) -> int:
        """The causal depth of the i-th message."""
        return self.rounds if isinstance(self.rounds, int) else int(self.rounds[i])

    def announced(self, i: int) -> Announced:
        """The i-th message."""
        return Announced(self.step + i, self.senders[i], self.receivers[i], self.round(i), self.codecs[i].limit)


class Messages(Sequence[Announced]):
    """All messages of a game so far, by step: run by run."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._ends: list[int] = []

    def append(self, run: Run) -> None:
        """The next messages."""
        self._runs.append(run)
        self._ends.append(run.step + len(run.senders))

    def place(self, step: int) -> tuple[Run, int]:
        """The run that a message is of, and its place there."""
        run = self._runs[bisect_right(self._ends, step)]
        return run, step - run.step

    @overload
    def __getitem__(self, index: int) -> Announced: ...
    @overload
    def __getitem__(self, index: slice) -> list[Announced]: ...
    def __getitem__(self, index: int | slice) -> Announced | list[Announced]:
        steps = range(len(self))[index]
        if isinstance(steps, range):
            return [self[step] for step in steps]
        run, i = self.place(steps)
        return run.announced(i)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0
