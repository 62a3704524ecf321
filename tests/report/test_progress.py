"""The progress line: on a terminal, after a while, and otherwise nothing."""

import io
import subprocess
import sys
import time

from wlra_dist.report.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def screen(progress: Progress, stream: Terminal) -> str:
    """What the terminal got, once it got something."""
    with progress:
        for _ in range(3):
            progress.tick("fit_columns")
        limit = time.monotonic() + 20
        while "servers" not in stream.getvalue() and time.monotonic() < limit:
            time.sleep(0.01)
    return stream.getvalue()


def test_a_terminal_sees_the_step_and_how_many_servers_did_it():
    assert "fit columns: 3 of 16 servers" in screen(Progress(16, stream := Terminal(), patience=0), stream)


def test_turns_have_their_own_noun():
    stream = Terminal()
    with Progress(9, stream, patience=0, noun="games") as progress:
        for _ in range(2):
            progress.tick("trial")
        limit = time.monotonic() + 20
        while "games" not in stream.getvalue() and time.monotonic() < limit:
            time.sleep(0.01)
    assert "trial: 2 of 9 games" in stream.getvalue()


def test_who_is_not_a_terminal_sees_nothing():
    stream = io.StringIO()
    with Progress(4, stream, patience=0) as progress:
        progress.tick("fit")
        time.sleep(0.05)
    assert stream.getvalue() == ""


def test_a_short_run_shows_nothing():
    stream = Terminal()
    with Progress(4, stream, patience=60) as progress:
        progress.tick("fit")
    assert stream.getvalue() == ""


def test_rich_is_not_loaded_before_it_is_needed():
    program = """
import io, sys
from wlra_dist.report.progress import Progress
class Terminal(io.StringIO):
    def isatty(self): return True
with Progress(4, Terminal()) as progress:
    progress.tick("fit")
assert "rich" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
