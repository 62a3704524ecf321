"""A picture inside a page: SVG with letters that stay letters, in the page's own colors, and what hovering tells."""

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

PAGE_COLORS = {
    "#000000": "currentColor", "#ffffff": "var(--paper)", "#dcdcdc": "var(--line)", "#e6e6e6": "var(--line)",
    "#696969": "var(--soft)", "#595959": "var(--soft)", "#0072b2": "var(--blue)",
}  # fmt: skip
"""By what pictures call them, the page's own colors, which are others in the dark: ink, paper, greys, blue."""


class Inset(NamedTuple):
    """An SVG that can stand in a page beside others, and the sentence below it."""

    svg: str
    caption: str


def drawing(draw: Callable[[Path], object], caption: str, name: str, hints: Mapping[str, str] = {}) -> Inset:
    """What `draw` writes into a file, as part of a page.

    Args:
        draw: writes a picture into the file it is given.
        caption: says what to see; read aloud in the picture's place.
        name: of the picture: no other one on the page has it.
        hints: by the mark (`gid`) of a group in it, what is told where the pointer rests on it.
    """
    with TemporaryDirectory() as directory:
        path = Path(directory) / "picture.svg"
        draw(path)
        svg = path.read_text(encoding="utf-8")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub("#[0-9a-f]{6}", lambda found: PAGE_COLORS.get(found[0], found[0]), svg)
    opening, rest = svg.split(">", 1)
    opening = re.sub(r' (width|height)="[^"]*"', "", opening)  # the page says how wide it is
    svg = f'{opening} role="img" aria-label="{escape(caption)}">{rest}'
    for mark, words in hints.items():
        svg = svg.replace(f'<g id="{name}-{mark}">', f'<g id="{name}-{mark}"><title>{escape(words)}</title>', 1)
    return Inset(svg, caption)
