"""A game in one line of Python: in this process, from whatever states a scenario."""

from collections.abc import Iterable
from os import PathLike
from typing import Any

from wlra_dist.playing import play as playing
from wlra_dist.playing.play import Outcome
from wlra_dist.scenario.drafted import Source, drafted
from wlra_dist.scenario.toml import stated
from wlra_dist.world.world import Alone


def play(scenario: Source, *, plugins: Iterable[str | PathLike[str]] = (), **settings: Any) -> Outcome:
    """Plays a game in this process.

    Parameters
    ----------
    scenario
        The name of a shipped scenario, the path of a TOML file, its tables as a dict, or a Scenario. Paths in a dict
        are relative to the current directory.
    plugins
        Files that name protocols, selectors, instance kinds or weight types of your own (docs/extending.md).
    **settings
        Keys that go over the scenario's, as with ``--set``: ``epsilon=0.2``, ``servers=8``; or whole tables.

    Returns
    -------
    Outcome
        Solution, certificate, ledger and seconds (Woodruff & Yasuda, Def 1.4).

    Raises
    ------
    InputError
        The scenario cannot be played.
    VerificationError
        Sender and receiver booked different figures.
    """
    outcome = playing.play(stated(drafted(scenario, plugins, settings)), Alone())
    assert outcome is not None  # one process is rank 0
    return outcome
