"""A run's directory read back: what its record claims, in the right types. Nothing of it is believed yet."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from wlra_dist.errors import InputError, VerificationError
from wlra_dist.instances import Instance
from wlra_dist.instances.files.claims import brief
from wlra_dist.instances.files.entries import EXACT
from wlra_dist.instances.files.formats import FORMATS, ending
from wlra_dist.instances.kept_weights import Kept, restore_weights
from wlra_dist.optima.certificate import Certificate
from wlra_dist.optima.grounds import ProvenBound
from wlra_dist.optima.packed import unpacked
from wlra_dist.record.files.arrays import read_arrays
from wlra_dist.record.files.format import require_format
from wlra_dist.record.public_input import PublicInput
from wlra_dist.record.run_files import LARGEST_RECORD, check_files, own_file
from wlra_dist.record.summary import plain
from wlra_dist.record.write import BOUNDS, CHECKSUM, LEDGER, RECORD, SEAL, WEIGHTS, bounds_digests, checksum, seal
from wlra_dist.scenario.catalogue import Catalogue
from wlra_dist.scenario.options import GameOptions, InstanceOptions, ProtocolOptions, Scenario, parted
from wlra_dist.scenario.plugins import with_plugins
from wlra_dist.scenario.words import one_of

MOST_DIGITS = 60
"""Of an integer in a record: a seed of 128 bits has 39."""

T = TypeVar("T")


@dataclass(frozen=True)
class Claims:
    """What replay and audit work with; see wlra_dist.record.write for what each is."""

    public: dict[str, Any]
    input: PublicInput
    weights: dict[str, Any]
    certificate: Certificate
    checks: dict[str, Any]
    fingerprint: dict[str, Any]
    solution: dict[str, str]
    bounds: dict[str, str]
    sizes: dict[str, int]
    files: dict[str, str]
    ranks: int
    seconds: dict[str, float]
    energy: float
    original_bytes: int


@dataclass(frozen=True, eq=False)
class Recorded:
    """A run as its directory tells it.

    Attributes:
        directory: where it is.
        figures: record.json as it stands.
        claims: the part of it that is worked with.
        scenario: what was played.
        options: those of its instance, their paths led to where the data are now.
        missing: the files that are not there.
    """

    directory: Path
    figures: dict[str, Any]
    claims: Claims
    scenario: Scenario
    options: InstanceOptions
    missing: list[str]

    @cached_property
    def kept_weights(self) -> Kept:
        """W as it was kept; VerificationError if it is not what the record says."""
        facts = {key: value for key, value in self.claims.weights.items() if key != "digest"}
        kept = Kept(facts, read_arrays(own_file(self.directory, WEIGHTS)))
        if kept.digest != self.claims.weights.get("digest"):
            raise VerificationError(f"{WEIGHTS} was changed: {RECORD} states another W")
        return kept

    @cached_property
    def kept_bounds(self) -> dict[int, ProvenBound]:
        """The lower bounds on OPT and what they rest on, by number; none where their file is not there.

        Raises:
            VerificationError: it is damaged, or not what the record says.
        """
        if BOUNDS in self.missing:
            return {}
        arrays = read_arrays(own_file(self.directory, BOUNDS))
        if bounds_digests(arrays) != self.claims.bounds:
            raise VerificationError(f"{BOUNDS} was changed: {RECORD} states other bounds")
        try:
            return unpacked(arrays)
        except (ValueError, TypeError, LookupError) as error:
            raise VerificationError(f"{BOUNDS} is damaged: {brief(error)}") from error

    def public_instance(self) -> Instance:
        """The instance without A.

        Raises:
            InputError: W is in a file that is not there.
            VerificationError: that file was changed, or W does not fit A, or the sizes that are stated do not fit W.
        """
        stated, types = self.claims.input, self.scenario.catalogue.weights
        weights = restore_weights(self.kept_weights, self.options, (stated.n, stated.d), types.values())
        _require_possible(stated, self.scenario.game.servers)
        return stated.instance(weights)


def read_run(directory: Path, data: Path | None = None, plugins: Iterable[Path | str] = ()) -> Recorded:
    """The run that `wlra-dist run … --out DIRECTORY` left, its files held against what its record states of them.

    Args:
        directory: of the run; files of it may be missing.
        data: where files that the scenario names are now, if not where it says.
        plugins: files, those among them that it was played with.

    Raises:
        InputError: this is no directory of a run, or one of another format, or of a protocol that is not known here, or
            it was played with a plugin that is not among these.
        VerificationError: a file was changed.
    """
    figures = _figures(directory)
    for key, sum_of in ((CHECKSUM, checksum), (SEAL, seal)):
        if sum_of(figures) != figures.get(key):
            raise VerificationError(f"{RECORD} was changed: its {key} is that of another record")
    claims = typed(Claims, figures, RECORD)
    missing = check_files(directory, claims.sizes, claims.files)
    scenario = _scenario(claims.public, claims.weights.get("form"), with_plugins(plugins))
    return Recorded(directory, figures, claims, scenario, _led_to(data, scenario.instance), missing)


def parse(text: str) -> Any:
    """The JSON value; ValueError also where a key comes twice, or for what is no number that a run can leave."""
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite, parse_int=_whole_number
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _figures(directory: Path) -> dict[str, Any]:
    """record.json, if it is of a format that this program knows."""
    expected = f"{directory}: expected a directory that `wlra-dist run … --out` made"
    try:
        path = own_file(directory, RECORD)
        _require_moderate(path, directory / LEDGER)
        figures = parse(path.read_text(encoding="utf-8"))
    except InputError as error:
        raise InputError(f"{expected}; {error}") from error
    except OSError as error:
        raise InputError(f"{expected}; {RECORD} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise InputError(f"{directory / RECORD} is no record of a run: {error}") from error
    if not isinstance(figures, dict):
        raise InputError(f"{directory / RECORD} is no record of a run: it is no JSON object")
    require_format(str(directory / RECORD), figures.get("format"))
    return figures


def _require_moderate(record: Path, ledger: Path) -> None:
    """ValueError where a record is longer than one of a game with this ledger could be."""
    most = LARGEST_RECORD + (ledger.stat().st_size if ledger.is_file() else 0)
    if (size := record.stat().st_size) > most:
        raise ValueError(f"it has {size:,} bytes, that of a game with this ledger at most {most:,}")


def _require_possible(stated: PublicInput, servers: int) -> None:
    """VerificationError where no game is played with such sizes, n and d being those of W."""
    side = min(stated.n, stated.d)
    most = {
        "k": (stated.k, side),
        "r": (stated.r, side),
        "sparsity": (stated.sparsity, stated.n),
        "bound": (stated.bound, EXACT),
        "servers": (servers, stated.d),
    }
    for name, (value, bound) in most.items():
        if value is not None and not 1 <= value <= bound:
            raise VerificationError(f"{RECORD}: {name} is {value}, expected 1 to {bound} beside the W that was kept")


def _scenario(public: Mapping[str, Any], form: object, known: Catalogue) -> Scenario:
    """The scenario that was played, every option checked anew."""
    match public:
        case {"name": str(name), "about": str(about), "instance": dict(instance), "game": game, "protocol": protocol}:
            kind = str(instance.get("kind"))
        case _:
            raise VerificationError(f"{RECORD} holds no scenario")
    _require_plugins(public.get("plugins", []), known)
    if kind not in known.instances:
        raise InputError(f"{RECORD}: the instance's kind {one_of(known.instances, kind)}")
    stated = {key: value for key, value in instance.items() if key != "kind"}
    scenario = Scenario(
        name,
        about,
        kind,
        typed(known.instances[kind], stated, "instance"),
        typed(GameOptions, game, "game"),
        typed(ProtocolOptions, protocol, "protocol"),
        catalogue=known,
    )
    if scenario.protocol.name not in known.protocols:
        raise InputError(f"{RECORD}: the protocol {one_of(known.protocols, scenario.protocol.name)}")
    if isinstance(maker := known.protocols[scenario.protocol.name], type):
        scenario = replace(scenario, own=asdict(typed(maker, parted(protocol)[1], "protocol")))
    if plain(scenario.facts(form)) != public:
        raise VerificationError(f"{RECORD} holds a scenario with keys too many or too few")
    return scenario


def _require_plugins(stated: Any, known: Catalogue) -> None:
    """InputError unless the plugins that a run was played with are given, in the same words."""
    if not isinstance(stated, list):
        raise VerificationError(f"{RECORD} expects a list of plugins, has {stated!r:.60}")
    given = [plugin.facts for plugin in known.plugins]
    for facts in (facts for facts in stated if facts not in given):
        name, digest = (str(facts.get(key)) if isinstance(facts, dict) else "?" for key in ("name", "sha256"))
        other = next((plugin["sha256"] for plugin in given if plugin["name"] == name), None)
        here = "which is not given" if other is None else f"and the {name} that is given has another, {other[:12]}…"
        raise InputError(f"{RECORD}: played with the plugin {name} (SHA-256 {digest[:12]}…), {here}: --plugin {name}")


def typed(kind: type[T], value: Any, place: str) -> T:
    """What the JSON value states, as dataclasses; VerificationError names the first key of a wrong type."""
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
    moved = {name: data / path.name if ending(path) in FORMATS else data for name, path in paths.items()}
    return replace(options, **{name: str(path.absolute()) for name, path in moved.items()})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _finite(literal: str) -> float:
    if not math.isfinite(number := float(literal)):
        raise ValueError(f"{literal[:40]} is beyond what a number can be")
    return number


def _whole_number(literal: str) -> int:
    if len(literal) > MOST_DIGITS:
        raise ValueError(f"{literal[:20]}… is an integer of {len(literal)} digits, expected at most {MOST_DIGITS}")
    return int(literal)
