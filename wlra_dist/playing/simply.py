"""A game in one line of Python: in this process, from whatever states a scenario."""

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from wlra_dist.errors import InputError
from wlra_dist.playing import play as playing
from wlra_dist.playing.play import Outcome
from wlra_dist.scenario.options import Scenario
from wlra_dist.scenario.plugins import with_plugins
from wlra_dist.scenario.toml import draft_of, find, read_draft, stated
from wlra_dist.world.world import Alone


def play(
    scenario: Scenario | Mapping[str, Any] | str | PathLike[str],
    *,
    plugins: Iterable[str | PathLike[str]] = (),
    **settings: Any,
) -> Outcome:
    """Plays a game in this process.

    Parameters
    ----------
    scenario
        The name of a shipped scenario, the path of a TOML file, its tables as a dict, or a Scenario. Paths in a dict
        are relative to the current directory.
    plugins
        Files that name protocols, selectors, instance kinds or weight types of your own (docs/extending.md).
    **settings
        Keys that go over the scenario's, as with ``--set``: ``epsilon=0.2``, ``servers=8``; not for a Scenario.

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
    outcome = playing.play(_scenario(scenario, plugins, settings), Alone())
    assert outcome is not None  # one process is rank 0
    return outcome


def _scenario(
    scenario: Scenario | Mapping[str, Any] | str | PathLike[str],
    plugins: Iterable[str | PathLike[str]],
    settings: Mapping[str, Any],
) -> Scenario:
    match scenario:
        case Scenario():
            if settings or plugins:
                raise InputError("a Scenario is played as it is: settings and plugins go with a name, a file or a dict")
            return scenario
        case Mapping():
            return stated(draft_of(scenario, Path("scenario"), with_plugins(map(Path, plugins))), settings)
        case str() | PathLike():
            return stated(read_draft(find(str(scenario)), (), with_plugins(map(Path, plugins))), settings)
    raise InputError(f"expected a scenario's name, file, tables or a Scenario, got {type(scenario).__name__}")
