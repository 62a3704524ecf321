"""Lines that fit on the screen: words that are too many go on below, under the column where they began.

The screen is as wide as the terminal, or as COLUMNS says; 80 characters in a pipe and in a job.
"""

import re
import shutil
import textwrap

MOST_INDENT = 0.6
"""Of the screen: further to the right no column of words begins."""


def width() -> int:
    """Characters in a line of the screen."""
    return shutil.get_terminal_size().columns


def fitted(text: str) -> str:
    """The text, with each line folded that is longer than the screen; words are kept whole."""
    room = width()
    return "\n".join(line if len(line) <= room else _folded(line, room) for line in text.split("\n"))


def _folded(line: str, room: int) -> str:
    begin = max((gap.end() for gap in re.finditer(r"  +", line) if gap.end() <= MOST_INDENT * room), default=0)
    return textwrap.fill(
        line[begin:],
        room,
        initial_indent=line[:begin],
        subsequent_indent=" " * (begin or 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
