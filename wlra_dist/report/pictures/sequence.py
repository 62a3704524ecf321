"""Who said what to whom when: a line down for each party, an arrow for each message, the first one on top.

Of many parties the busiest have a line of their own, and all others share one; what they say at once is one arrow.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from wlra_dist.report.pictures.canvas import color, sheet, short, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES, ARROWS = 6, 36
"""Parties beside the hub with a line of their own, and arrows, at most."""

FEW = 4
"""Parties whose names have room in larger letters."""

LABEL, MANY = 12, 1_000_000
"""Characters of a message's label, and bits that are written in millions."""

WIDTH, HEAD, ROW = 640, 105, 24
"""Pixels: of the picture, of its height without arrows, and of an arrow."""

Row = Mapping[str, Any]


class Arrow(NamedTuple):
    """Messages that follow one another, of one label between the same two lines; their parts added up."""

    sender: str
    receiver: str
    label: str
    round: int
    messages: int
    parts: Mapping[str, int]

    @property
    def bits(self) -> int:
        return sum(self.parts.values())

    @property
    def words(self) -> str:
        """What hovering tells."""
        parts = ", ".join(f"{part} {bits:,}" for part, bits in self.parts.items())
        times = f" ({self.messages:,} messages)" if self.messages > 1 else ""
        return f"round {self.round}: {self.sender} → {self.receiver}{times}: {self.label}: {self.bits:,} bits: {parts}"


def arrows(rows: Sequence[Row], hub: str) -> list[Arrow]:
    """All messages, those of parties without a line of their own joined."""
    spoken: Counter[str] = Counter()
    for row in rows:
        for party in (row["sender"], row["receiver"]):
            spoken[party] += row["bits"]
    others = [party for party, _ in sorted(spoken.items(), key=lambda item: (-item[1], item[0])) if party != hub]
    own = {hub, *(others if len(others) <= LINES else others[: LINES - 1])}
    rest = f"{len(others) - len(own) + 1:,} others"

    def lines(row: Row) -> tuple[str, str, str, int]:
        sender, receiver = (party if party in own else rest for party in (row["sender"], row["receiver"]))
        return sender, receiver, row["label"], row["round"]

    breaths = (list(breath) for _, breath in groupby(rows, key=lambda row: (row["label"], row["round"])))
    grouped = (_by(breath, lines) for breath in breaths)
    return [_arrow(key, same) for groups in grouped for key, same in groups.items()]


def _by(rows: Sequence[Row], lines: Any) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(lines(row), []).append(row)
    return found


def _arrow(key: tuple[str, str, str, int], rows: Sequence[Row]) -> Arrow:
    parts: Counter[str] = Counter()
    for row in rows:
        parts.update(row["parts"])
    return Arrow(*key, len(rows), parts)


def hints(drawn: Sequence[Arrow]) -> dict[str, str]:
    """By the mark of each arrow what hovering tells."""
    return {f"say-{y}": arrow.words for y, arrow in enumerate(_listed(drawn))}


def _listed(drawn: Sequence[Arrow]) -> list[Arrow]:
    """The first and the last, where they are too many."""
    return list(drawn) if len(drawn) <= ARROWS else [*drawn[: ARROWS - 8], *drawn[-8:]]


def draw(drawn: Sequence[Arrow], hub: str, path: Path) -> None:
    """Writes the picture."""
    listed = _listed(drawn)
    parties = list(dict.fromkeys([hub, *sorted({name for arrow in listed for name in arrow[:2]} - {hub}, key=_order)]))
    with sheet(path, WIDTH, HEAD + ROW * (len(listed) + 1)) as figure:
        axes = figure.subplots()
        for x in range(len(parties)):
            axes.axvline(x, color="0.6", linewidth=1, zorder=0)
        for y, arrow in enumerate(listed):
            _draw_arrow(axes, parties.index(arrow.sender), parties.index(arrow.receiver), y)
        words = [f"{_short(arrow.label, LABEL)}, {_amount(arrow.bits)}" for arrow in listed]
        if len(listed) < len(drawn):
            words[ARROWS - 8] = f"… {len(drawn) - len(listed):,} arrows left out; {words[ARROWS - 8]}"
        size = 9 if len(parties) > FEW else 11
        axes.set_yticks(range(len(listed)), words, fontsize=size)
        axes.set_xticks(range(len(parties)), [_short(party).replace(" ", "\n") for party in parties], fontsize=size)
        axes.xaxis.tick_top()
        axes.set_ylim(len(listed) - 0.4, -0.6)
        axes.set_xlim(-0.4, max(1, len(parties) - 1) + 0.4)
        titled(axes, "", grid=None)
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0)


def _draw_arrow(axes: "Axes", sender: int, receiver: int, y: int) -> None:
    style = {"arrowstyle": "-|>", "color": color(0 if receiver == 0 else 5), "linewidth": 1.5, "mutation_scale": 12}
    drawn = axes.annotate("", (receiver, y), (sender, y), arrowprops=style | {"shrinkA": 0, "shrinkB": 0})
    if drawn.arrow_patch is not None:
        drawn.arrow_patch.set_gid(f"say-{y}")


def _order(party: str) -> tuple[bool, int, str]:
    """Server 2 before server 10, and those who share a line last."""
    digits = "".join(letter for letter in party if letter.isdigit())
    return party.endswith("others"), int(digits or 0), party


def _short(text: str, most: int = 18) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _amount(bits: int) -> str:
    """In words that leave the lines their room; hovering tells all digits."""
    return f"{bits:,} bits" if bits < MANY else f"{short(float(f'{bits:.3g}'))}bit"
