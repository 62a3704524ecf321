"""A picture inside a page: SVG with letters that stay letters, in the page's own colors, and what hovering tells."""

import re
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple


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
    svg = re.sub(r"#000000|\bblack\b", "currentColor", svg)
    opening, rest = svg.split(">", 1)
    opening = re.sub(r' (width|height)="[^"]*"', "", opening)  # the page says how wide it is
    svg = f'{opening} role="img" aria-label="{escape(caption)}">{rest}'
    for mark, words in hints.items():
        svg = svg.replace(f'<g id="{name}-{mark}">', f'<g id="{name}-{mark}"><title>{escape(words)}</title>', 1)
    return Inset(svg, caption)
