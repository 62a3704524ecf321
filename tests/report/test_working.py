"""The line that counts pieces of work: how long is left, how often it speaks, and to whom."""

from io import StringIO

import pytest

from wlra_dist.report.working import LEAST, Working


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds as a test sets them."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("wlra_dist.report.working.monotonic", clock)
    return clock


def lines(terminal: Terminal) -> list[str]:
    return terminal.getvalue().split("\r\x1b[K")[1:]


def test_what_is_left_goes_by_what_was_done_so_far(clock: Clock):
    working = Working(terminal := Terminal())
    working.say("playing", 0, 8)
    for done in (1, 2, 4, 8):
        clock.now = 100 + 3.0 * done
        working.say("playing", done, 8)
    # the first piece may be long, as much is set up in it: the clock starts anew after it
    assert lines(terminal) == [
        "playing: 1 of 8, 0 s left",
        "playing: 2 of 8, 9 s left",
        "playing: 4 of 8, 9 s left",
        "playing: 8 of 8, 0 s left",
    ]


def test_other_work_has_a_clock_of_its_own(clock: Clock):
    working = Working(terminal := Terminal())
    for now, what, done in ((105.0, "playing", 2), (200.0, "drawing", 2), (210.0, "drawing", 4)):
        clock.now = now
        working.say(what, done, 8)
    assert lines(terminal)[-1] == "drawing: 4 of 8, 10 s left"


def test_it_speaks_no_more_often_than_one_can_read_but_always_at_the_end(clock: Clock):
    working = Working(terminal := Terminal())
    for step, done in ((LEAST, 1), (LEAST / 2, 2), (LEAST / 2, 3), (LEAST / 4, 4)):
        clock.now += step
        working.say("playing", done, 4)
    assert [line.split(",")[0] for line in lines(terminal)] == [f"playing: {done} of 4" for done in (1, 3, 4)]
    working.end()
    assert lines(terminal)[-1] == ""


def test_where_nobody_watches_nothing_is_written(clock: Clock):
    working = Working(stream := StringIO())
    clock.now += 10
    working.say("playing", 1, 2)
    working.end()
    assert stream.getvalue() == ""
