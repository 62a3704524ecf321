"""A run's directory read back: what its record claims, in the right types. Nothing of it is believed yet."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from wlra_dist.errors import InputError, VerificationError
from wlra_dist.instances import INSTANCES, Instance
from wlra_dist.instances.formats import FORMATS
from wlra_dist.public_input import PublicInput
from wlra_dist.record import CHECKSUM, FORMAT, RECORD, WEIGHTS, checksum
from wlra_dist.report.arrays_file import read_arrays
from wlra_dist.report.summary import plain
from wlra_dist.report.weights_file import Kept, restore_weights
from wlra_dist.scenario import GameOptions, InstanceOptions, ProtocolOptions, Scenario

T = TypeVar("T")


@dataclass(frozen=True)
class Claims:
    """What replay and audit work with; see wlra_dist.record for what each is."""

    public: dict[str, Any]
    input: PublicInput
    weights: dict[str, Any]
    certificate: dict[str, Any]
    checks: dict[str, Any]
    fingerprint: dict[str, Any]
    solution: dict[str, str]
    files: dict[str, str]
    ranks: int
    seconds: dict[str, float]


@dataclass(frozen=True, eq=False)
class Recorded:
    """A run as its directory tells it.

    Attributes:
        directory: where it is.
        figures: record.json as it stands.
        claims: the part of it that is worked with.
        scenario: what was played.
        options: those of its instance, their paths led to where the data are now.
    """

    directory: Path
    figures: dict[str, Any]
    claims: Claims
    scenario: Scenario
    options: InstanceOptions

    def kept_weights(self) -> Kept:
        """W as it was kept."""
        return Kept(self.claims.weights, read_arrays(self.directory / WEIGHTS))

    def public_instance(self) -> Instance:
        """The instance without A.

        Raises:
            InputError: W is in a file that is not there.
            VerificationError: that file was changed, or W does not fit A.
        """
        stated = self.claims.input
        return stated.instance(restore_weights(self.kept_weights(), self.options, (stated.n, stated.d)))


def read_run(directory: Path, data: Path | None = None) -> Recorded:
    """The run that `wlra-dist run … --out DIRECTORY` left.

    Args:
        directory: of the run.
        data: where files that the scenario names are now, if not where it says.

    Raises:
        InputError: this is no directory of a run, or one of another format.
        VerificationError: record.json was changed.
    """
    figures = _figures(directory)
    if checksum(figures) != figures.get(CHECKSUM):
        raise VerificationError(f"{RECORD} was changed: its checksum is that of another record")
    claims = _typed(Claims, figures, RECORD)
    scenario = _scenario(claims.public)
    return Recorded(directory, figures, claims, scenario, _led_to(data, scenario.instance))


def parse(text: str) -> Any:
    """The JSON value; ValueError also where a key comes twice, or for what is no JSON, such as NaN."""
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _figures(directory: Path) -> dict[str, Any]:
    """record.json, if it is of a format that this program knows."""
    path = directory / RECORD
    try:
        figures = parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        why = f"{RECORD} cannot be read ({error.strerror})"
        raise InputError(f"{directory}: expected a directory that `wlra-dist run … --out` made; {why}") from error
    except ValueError as error:
        raise InputError(f"{path} is no record of a run: {error}") from error
    found = figures.get("format") if isinstance(figures, dict) else None
    if found != FORMAT:
        came = "one without a format" if found is None else f"format {str(found)[:40]}"
        raise InputError(f"{path}: expected a record of format {FORMAT}, got {came}; play the scenario again")
    return figures


def _scenario(public: Mapping[str, Any]) -> Scenario:
    """The scenario that was played, every option checked anew."""
    match public:
        case {"name": str(name), "about": str(about), "instance": dict(instance), "game": game, "protocol": protocol}:
            kind = str(instance.get("kind"))
        case _:
            raise VerificationError(f"{RECORD} holds no scenario")
    if kind not in INSTANCES:
        raise VerificationError(f"{RECORD}: there is no instance of the kind {kind[:40]!r}")
    stated = {key: value for key, value in instance.items() if key != "kind"}
    scenario = Scenario(
        name,
        about,
        kind,
        _typed(INSTANCES[kind], stated, "instance"),
        _typed(GameOptions, game, "game"),
        _typed(ProtocolOptions, protocol, "protocol"),
    )
    if plain(scenario.facts()) != public:
        raise VerificationError(f"{RECORD} holds a scenario with keys too many or too few")
    return scenario


def _typed(kind: type[T], value: Any, place: str) -> T:
    """The dataclass that the JSON value states; VerificationError names the first key of a wrong type."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(map(str, fault["loc"]))
        raise VerificationError(f"{RECORD}, {place}: {key or 'it'} is wrong: {fault['msg']}") from error


def _led_to(data: Path | None, options: Any) -> Any:
    """The options with their paths in `data`: a matrix has its own name there, a folder is `data` itself."""
    if data is None:
        return options
    paths = {name: Path(path) for name in getattr(options, "PATHS", ()) if (path := getattr(options, name)) is not None}
    moved = {name: data / path.name if path.suffix in FORMATS else data for name, path in paths.items()}
    return replace(options, **{name: str(path.absolute()) for name, path in moved.items()})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
