"""`check_protocol` lets honest protocols pass, and catches those that cheat: each cheat is one way to break a law."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from tests.game.threads import Hub, Threaded
from wlra_dist.codecs.base.bits import BitReader, BitWriter
from wlra_dist.codecs.base.integers import Count
from wlra_dist.protocols import PROTOCOLS
from wlra_dist.protocols.raw import as_solution, counted_entries, raw
from wlra_dist.testing import check_protocol
from wlra_dist.testing.apart import ApartError, apart
from wlra_dist.testing.boards import boards, servers
from wlra_dist.testing.story import tell


@pytest.mark.parametrize("name", ["raw", "one_way"])
def test_honest_protocols_pass(name: str) -> None:
    assert check_protocol(PROTOCOLS[name], m=1 if name == "one_way" else 2) is None


def test_books_are_settled_where_all_is_heard() -> None:
    """A server's own say what it sent, and that nobody has heard it there."""
    board = boards()[0]
    whole = tell(PROTOCOLS["raw"], board, board.A, 1)
    part = tell(PROTOCOLS["raw"], board, board.A, 1, Threaded(Hub(), servers(1)[0]))
    assert part.messages == whole.messages
    assert {key for key in part.rows if "received" in key} < {key for key in whole.rows if "received" in key}


def test_options_are_the_protocols_own() -> None:
    def often(game: Any, *rest: Any, times: int = 1) -> Any:
        return [raw(game, *rest) for _ in range(times)][-1]

    check_protocol(often, m=1, times=2)
    with pytest.raises(TypeError):
        check_protocol(often, m=1, tims=2)


# cheats: what a party needs goes another way than by a message

LEFT: dict[Any, Any] = {}


class Elsewhere:
    """A place that all parties of one process can reach."""

    held: ClassVar[dict[Any, Any]] = {}


def keep(place: dict[Any, Any], A: Any, name: str) -> int:
    """A server leaves its block behind, and says a number in its place."""
    place[name] = A
    return 1


def take(place: dict[Any, Any], counts: list[int], W: Any) -> Any:
    """The coordinator finds what was left."""
    return as_solution([place[str(i)] for i in range(len(counts))], W)


def smuggled(place: dict[Any, Any]) -> Callable[..., Any]:
    """A protocol whose blocks travel through `place`."""

    def protocol(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:  # noqa: ARG001
        ones = [
            game.at(server, keep, place, A_i, str(i)) for i, (server, A_i) in enumerate(zip(servers, A, strict=True))
        ]
        got = game.gather(type(A)(ones), coordinator, Count(1), "1")
        return game.at(coordinator, take, place, got, W)

    return protocol


def through_a_global(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:  # noqa: ARG001
    def leave(A: Any) -> int:
        LEFT[A.shape[1], len(LEFT)] = A
        return 1

    got = game.gather(game.each(servers, leave, A), coordinator, Count(1), "1")
    return game.at(coordinator, lambda _, W: as_solution(list(LEFT.values())[-len(servers) :], W), got, W)


def through_a_file(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:
    place = Path(tempfile.gettempdir()) / f"wlra-dist-{os.getppid()}.npy"

    def leave(A: Any) -> int:
        np.save(place, A if isinstance(A, np.ndarray) else A.toarray())
        return 1

    got = game.gather(game.each(servers[-1:], leave, type(A)(A.facets[-1:])), coordinator, Count(1), "1")
    rest = game.gather(game.each(servers[:-1], counted_entries, type(A)(A.facets[:-1]), type(W)(W[:-1])), coordinator,
                       type(W)([terms.plain.columns_code(W_i) for W_i in W[:-1]]), "A")  # fmt: skip
    return game.at(coordinator, lambda rest, _, W: as_solution([*rest, np.load(place)], W), rest, got, W)


def peer_to_peer(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:
    """Server 2 adds what server 1 holds, which nobody sent it."""

    def leave(A: Any) -> None:
        LEFT["first"] = float(abs(A).max())

    def add(A: Any, _: Any) -> Any:
        return A * (1 if LEFT.get("first", 0) > 1 else 2)

    game.each(servers[:1], leave, type(A)(A.facets[:1]))
    doubled = game.each(servers, add, A, 0)
    got = game.gather(
        game.each(servers, counted_entries, doubled, W), coordinator, W.map(terms.plain.columns_code), "A"
    )
    return game.at(coordinator, as_solution, got, W)


@pytest.mark.parametrize(
    "cheat",
    [through_a_global, through_a_file, peer_to_peer, smuggled(Elsewhere.held), smuggled(smuggled.__dict__)],
    ids=["global", "file", "peer to peer", "class attribute", "function attribute"],
)
def test_a_side_channel_is_caught(cheat: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError, match=r"breaks law (2|5): .*"):
        check_protocol(cheat)
    with pytest.raises(AssertionError, match=r"breaks law (2|5): .*"):  # no less the second time
        check_protocol(cheat)


def leaking(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any, way: str) -> Any:
    """Uses, in public, how large the entries of server 1 are."""
    held = game.output(game.at(servers[0], lambda A: int(1000 * abs(A).max()), A.facets[0]))
    if way == "keyword":
        game.at(coordinator, abs, held)
    if way == "closure":
        game.at(coordinator, lambda: held)
    if way == "partial":
        game.at(coordinator, partial(abs, held))
    if way == "codec":
        game.gather(game.each(servers, lambda: 0), coordinator, Count(held), "0")
    if way == "label":
        game.gather(game.each(servers, lambda: 0), coordinator, Count(1), f"0 of {held}")
    if way == "how often":
        for _ in range(held % 7):
            game.gather(game.each(servers, lambda: 0), coordinator, Count(1), "0")
    return raw(game, servers, coordinator, A, W, terms)


@pytest.mark.parametrize("way", ["keyword", "closure", "partial", "codec", "label", "how often"])
def test_a_public_argument_that_depends_on_A_is_caught(way: str) -> None:
    with pytest.raises(AssertionError, match="breaks law 2: a public argument depends on A"):
        check_protocol(partial(leaking, way=way))


@dataclass(frozen=True)
class Greedy:
    """A code of a number in 8 bits that does not keep to them."""

    way: str

    limit = 8

    def bits(self, value: int) -> int:  # noqa: ARG002
        return 8

    def write(self, value: int, out: BitWriter) -> None:
        out.uint(value, 8)

    def read(self, bits: BitReader) -> int:
        match self.way:
            case "all that is left":
                return bits.uint(bits.left)
            case "one that it should not see":
                byte = bits._payload[bits._position // 8 + 1 :][:1]  # noqa: SLF001
                return bits.uint(8) + 256 * len(byte.strip(b"\0"))
            case "more":
                return bits.uint(8) if bits.left == 8 else bits.uint(9)
        return bits.uint(4 if bits.left > 8 else 8)


@pytest.mark.parametrize("way", ["all that is left", "one that it should not see", "more", "fewer"])
def test_a_code_that_reads_beyond_its_bits_is_caught(way: str) -> None:
    def protocol(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:
        game.gather(game.each(servers, lambda: 17), coordinator, Greedy(way), "17")
        return raw(game, servers, coordinator, A, W, terms)

    with pytest.raises(AssertionError, match="breaks law 4: the code of '17' reads beyond its bits"):
        check_protocol(protocol)


def counts_parties(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:
    """Says how many parties are played in its process."""
    here = sum(game.output(located) is not None for located in game.each(servers, lambda: 1))
    game.gather(game.each(servers, lambda: here), coordinator, Count(99), "how many")
    return raw(game, servers, coordinator, A, W, terms)


def asks_the_launcher(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:
    size = max(int(os.environ.get(name, 1)) for name in ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_NTASKS"))
    game.gather(game.each(servers, lambda: min(size, 9)), coordinator, Count(9), "ranks")
    return raw(game, servers, coordinator, A, W, terms)


def tosses_unseen(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:
    """Flips coins that are nobody's."""
    game.gather(
        game.each(servers, lambda: int(np.random.default_rng().integers(2**40))), coordinator, Count(2**40), "!"
    )
    return raw(game, servers, coordinator, A, W, terms)


@pytest.mark.parametrize("cheat", [counts_parties, asks_the_launcher, tosses_unseen])
def test_a_story_that_depends_on_the_ranks_is_caught(cheat: Callable[..., Any]) -> None:
    with pytest.raises(AssertionError, match=r"breaks law (2|5)|becomes|another"):
        check_protocol(cheat)


def nothing(*_: Any) -> None:
    """Returns no solution."""


def elsewhere(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:  # noqa: ARG001
    return A.facets[0]


def endless(game: Any, servers: Any, coordinator: Any, A: Any, W: Any, terms: Any) -> Any:  # noqa: ARG001
    return game.at(coordinator, os._exit, 3)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (nothing, "a solution at the coordinator is due"),
        (elsewhere, "at the coordinator is due"),
        (endless, "ends its"),
    ],
)
def test_what_is_no_protocol_is_told(wrong: Callable[..., Any], says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check_protocol(wrong)


def test_work_apart_leaves_nothing_here() -> None:
    def work() -> bytes:
        LEFT["apart"] = 1
        return b"done"

    assert apart(work) == b"done"
    assert "apart" not in LEFT
    with pytest.raises(ApartError, match="raises ZeroDivisionError"):
        apart(lambda: bytes(1 // 0))
