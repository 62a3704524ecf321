"""The laws of a protocol: every world tells one story, and a party uses nothing but what it has.

Rule 1: a game is played in a process of its own (`apart`), as whole as one process can. Rule 2: then it is played
again by parts, as ranks would: the parties of a rank get the messages of the game that was played, in a process that
has never seen another's input, and must say the same again. If each part does, whatever its number of ranks, the
ranks together play this game and no other; so nothing is left to chance, and nobody waits for anybody.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from wlra_dist.game import Party
from wlra_dist.protocols import Protocol
from wlra_dist.scenario.choices import as_class
from wlra_dist.testing.apart import ApartError, apart
from wlra_dist.testing.boards import COORDINATOR, Board, boards, servers
from wlra_dist.testing.ranks import check_under_mpi
from wlra_dist.testing.story import Story, tell
from wlra_dist.world.world import place

MPI_RANKS = 3
"""Of a job under mpiexec: some play several parties."""


def check_protocol(protocol: Callable[..., Any], *, m: int = 3, mpi: bool = True, **options: Any) -> None:
    """Holds a protocol to the laws of the game, on small inputs: real, integer and sparse, and of float32.

    Parameters
    ----------
    protocol
        A function, or a dataclass of its options, as a plugin's ``PROTOCOLS`` names it.
    m
        The number of servers, at least 1.
    mpi
        Whether to play it under mpiexec, too, where there is one and the protocol's file names it in its ``PROTOCOLS``.
    **options
        The protocol's own.

    Raises
    ------
    AssertionError
        One sentence that says which law broke, on which input, and how:
        a public argument depends on A (law 2); a code reads beyond its bits (law 4); what a party says, or ends up
        with, follows from more than its own input, the messages that it got and what is public, such as a value that
        was left in memory, or the number of ranks (laws 1, 2, 3 and 5); sender and receiver count differently.
    """
    make: Any = as_class(protocol, "__call__")
    speak = make(**options)
    for number, board in enumerate(boards()):
        try:
            story = _check(speak, board, m)
            if mpi and number == 0:
                check_under_mpi(protocol, options, m, story, number, min(m + 1, MPI_RANKS))
        except ApartError as error:
            name = getattr(protocol, "__name__", protocol)
            raise AssertionError(f"{name}, on a small {board.name} input with {m} servers, {error}") from None


def _check(protocol: Protocol, board: Board, m: int) -> Story:
    """The story that all worlds tell."""
    story = Story.from_json(apart(lambda: tell(protocol, board, board.A, m).to_json()))
    other = Story.from_json(apart(lambda: tell(protocol, board, board.other, m).to_json()))
    if fault := _public_difference(story, other):
        raise ApartError(f"breaks law 2: a public argument depends on A: {fault}, where A is another of the same shape")
    for ranks in sorted({2, m + 1}):
        for rank in range(ranks):
            _check_part(protocol, board, m, story, ranks, rank)
    return story


def _public_difference(story: Story, other: Story) -> str | None:
    """The first thing that two games differ in, of those that are public."""
    for (step, public), (step_there, public_there) in zip(story.steps, other.steps, strict=False):
        if step != step_there:
            return f"{step} becomes {step_there}"
        for name in public:
            if public[name] != public_there.get(name):
                return f"{step} gets another {name}"
    for message, there in zip(story.messages, other.messages, strict=False):
        if message != there:
            return f"message {message} becomes {there}"
    if (counts := len(story.messages)) != (there := len(other.messages)):
        return f"{counts} messages become {there}"
    if labels := [name for name in other.rows if name not in story.rows]:
        return f"there is a message {labels[0]}"
    return None if len(story.steps) == len(other.steps) else f"{len(story.steps)} steps become {len(other.steps)}"


def _check_part(protocol: Protocol, board: Board, m: int, story: Story, ranks: int, rank: int) -> None:
    """What one of several ranks says again."""
    rank_of = place(m, ranks)
    parties = [party for party in (COORDINATOR, *servers(m)) if rank_of(party) == rank]
    who = f"breaks law 5: on {ranks} {'ranks' if ranks > 1 else 'rank'}, the one that plays {_listed(parties)}"
    try:
        wire = _Part(parties, story.frames)
        data = apart(lambda: tell(protocol, board, board.A, m, wire).to_json(), launched_as(rank, ranks))
        fault = "; ".join(_part_faults(Story.from_json(data), story, COORDINATOR in parties))
    except ApartError as error:
        fault = str(error)
    if fault:
        raise ApartError(
            f"{who} {fault}: a party may use its own input, messages that it got and what is public, on any number of "
            "ranks alike, and nothing that was left in memory"
        )


def _part_faults(part: Story, story: Story, with_output: bool) -> Iterator[str]:
    if fault := _public_difference(story, part):
        yield f"has other public arguments ({fault})"
    if wrong := [row for row in part.rows if part.rows[row] != story.rows.get(row)]:
        yield f"counts otherwise ({wrong[0]})"
    if with_output and part.output != story.output:
        yield "ends up with another solution"


def launched_as(rank: int, ranks: int) -> Mapping[str, str]:
    """What launchers tell a process in its environment."""
    numbers = {"PMI": ("RANK", "SIZE"), "OMPI_COMM_WORLD": ("RANK", "SIZE"), "SLURM": ("PROCID", "NTASKS")}
    names = [(f"{prefix}_{one}", f"{prefix}_{all_}") for prefix, (one, all_) in numbers.items()]
    return {name: str(number) for pair in names for name, number in zip(pair, (rank, ranks), strict=True)}


class _Part:
    """The wire of a rank: its parties get what they got in a game that was played, and are held to what they said."""

    def __init__(self, parties: Sequence[Party], frames: Mapping[int, bytes]) -> None:
        self._parties = parties
        self._frames = frames

    def hosts(self, party: Party) -> bool:
        return party in self._parties

    def hosted(self, parties: Sequence[Party]) -> Collection[int]:
        return dict.fromkeys(i for i, party in enumerate(parties) if self.hosts(party))

    def push(self, sender: Party, receiver: Party, step: int, frame: bytes) -> None:
        if self._frames.get(step) != frame:
            raise ApartError(f"says something else in message {step}, from {sender} to {receiver}")

    def pull(self, sender: Party, receiver: Party, step: int, limit: int) -> bytes:  # noqa: ARG002
        if step not in self._frames:
            raise ApartError(f"waits for a message {step} from {sender} to {receiver} that there is not")
        return self._frames[step]

    def finish(self) -> None:
        """Nothing is under way."""


def _listed(parties: Sequence[Party]) -> str:
    return ", ".join(map(str, parties)) or "nobody"
