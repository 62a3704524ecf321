"""Scenarios: all that is public about a game before it begins."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from os import PathLike
from typing import Annotated, Any, Literal, Protocol

from annotated_types import Interval

from wlra_dist.css import Selector
from wlra_dist.forms import Code
from wlra_dist.game import Coins, Model
from wlra_dist.inputs.brief import brief
from wlra_dist.inputs.numbers import Accuracy, Seed, Size
from wlra_dist.instances import Instance, Share
from wlra_dist.optima import QUICK, TIGHT, Effort
from wlra_dist.protocols import Protocol as Conversation
from wlra_dist.scenario.catalogue import BUILT_IN, Catalogue

Deal = Literal["in order", "at random"]


class InstanceOptions(Protocol):
    """[instance]: a frozen dataclass of options that opens into the input of a game."""

    def open(self, share: Share) -> Instance:
        """A, W and what is known of them; what only one rank may read goes through `share`."""
        ...


@dataclass(frozen=True)
class GameOptions:
    """[game]: who plays, and by which rules.

    Attributes
    ----------
    servers
        m, the number of servers.
    deal
        Which columns a server gets: neighbours, in order, or any, at random.
    coins
        Whether shared coins are free or must be sent.
    model
        How a broadcast is charged.
    weights
        "public", or "sent": then each server alone knows those of its columns, and tells the coordinator.
    threads
        BLAS threads of each process; the same everywhere, since they may change the last bits.
    seed
        Of all coins.
    """

    servers: Size = 4
    deal: Deal = "in order"
    coins: Coins = "public"
    model: Model = "message-passing"
    weights: Literal["public", "sent"] = "public"
    threads: Annotated[int, Interval(ge=1, le=256)] = 1
    seed: Seed = 0


@dataclass(frozen=True)
class ProtocolOptions:
    """[protocol]: what is said; a plugin's protocol may have further keys, its own options.

    Attributes
    ----------
    name
        Of the protocol; see `wlra_dist.protocols.PROTOCOLS`; `auto` chooses one by what is public.
    output
        Who must end up with the solution: the coordinator, or every server as well.
    epsilon
        ε of (1+ε).
    columns
        If given, how many columns each server chooses, in place of an accuracy.
    bounds
        "all" lower bounds on OPT, "tight" ones at the price of time, or the "quick" ones alone: the better
        they are, the fewer bits are due.
    selector
        A name of `wlra_dist.css.SELECTORS`, or a table of its options with that `name`.
    codec
        The code of columns and coefficients.
    constants
        Those of the theorem (of `bwz` from memory, not confirmed), or smaller ones that suffice on most
        inputs; for `bwz`, `frequent_directions`.
    iterations
        How many there are at most; for `als`.
    promise
        Whether the accuracy is to be kept for certain, or an estimate will do; if not given, `auto` chooses
        among protocols that are certain, and a protocol that is named promises what it can.
    delta
        The chance that a promise by estimate is broken; for `cross`.
    certificate
        What `cross` takes for evidence: estimates, or rows that its fit has not seen, which prove the
        promise but for a chance of delta, and are sent in addition.
    """

    name: str = "auto"
    output: Literal["coordinator", "everyone"] = "coordinator"
    epsilon: Accuracy = 0.1
    columns: Size | None = None
    bounds: Literal["all", "tight", "quick"] = "all"
    selector: str | dict[str, Any] = "auto"
    codec: Code = "auto"
    constants: Literal["theorem", "tuned"] = "theorem"
    iterations: Size = 10
    promise: Literal["certain", "estimate"] | None = None
    delta: Annotated[float, Interval(gt=0, lt=1)] = 0.05
    certificate: Literal["estimate", "rows"] = "estimate"

    @property
    def selector_options(self) -> dict[str, Any]:
        """The selector's `name`, and the options that are stated."""
        return {"name": self.selector} if isinstance(self.selector, str) else dict(self.selector)

    @property
    def effort(self) -> Effort:
        """What the lower bounds on OPT may cost."""
        return {"all": Effort(), "tight": TIGHT, "quick": QUICK}[self.bounds]


@dataclass(frozen=True)
class Scenario:
    """A game to play: its input, its rules, its protocol.

    Attributes
    ----------
    name
        What it is called.
    about
        A line that says what it is.
    kind
        Of the instance.
    instance
        The options of the instance.
    game
        Who plays, and by which rules.
    protocol
        What is sent, and for which accuracy.
    own
        The options that no protocol has but this one.
    catalogue
        What the names mean.
    """

    name: str
    about: str
    kind: str
    instance: InstanceOptions
    game: GameOptions = field(default_factory=GameOptions)
    protocol: ProtocolOptions = field(default_factory=ProtocolOptions)
    own: dict[str, Any] = field(default_factory=dict)
    catalogue: Catalogue = field(default=BUILT_IN, repr=False, compare=False)

    def __repr__(self) -> str:
        return brief(self)

    @classmethod
    def of(cls, source: Any = None, *, plugins: Iterable[str | PathLike[str]] = (), **settings: Any) -> "Scenario":
        """A scenario from what states it, checked.

        Parameters
        ----------
        source
            A scenario's name, a TOML file's path, tables as a dict, or a Scenario; nothing, if keywords say all.
        plugins
            Files that name protocols, selectors, instance kinds or weight types of your own.
        **settings
            Keys that go over it (``epsilon=0.2``), or tables (``instance={"kind": "lower_bound", "s": 4}``).

        Returns
        -------
        Scenario
            To be played, compared or swept.

        Raises
        ------
        InputError
            It cannot be played; the sentence has all that is wrong.
        """
        from wlra_dist.scenario.drafted import drafted  # they are drafts of this
        from wlra_dist.scenario.toml import stated

        return stated(drafted({} if source is None else source, plugins, settings))

    def make_selector(self) -> Selector:
        """The selector, with its options."""
        options = self.protocol.selector_options
        return self.catalogue.selectors[options.pop("name")](**options)

    def make_protocol(self) -> Conversation:
        """The protocol, with its own options."""
        protocol = self.catalogue.protocols[self.protocol.name]
        return protocol(**self.own) if isinstance(protocol, type) else protocol

    def facts(self, form: object = None) -> dict[str, Any]:
        """All of it as plain values; public, and part of every record. `form` is what a record calls the type of W."""
        plugins = self.catalogue.origins(
            PROTOCOLS=self.protocol.name,
            SELECTORS=self.protocol.selector_options.get("name"),
            INSTANCES=self.kind,
            WEIGHTS=self.catalogue.weight_type(form),
        )
        return {
            "name": self.name,
            "about": self.about,
            "instance": {"kind": self.kind, **asdict(self.instance)},  # pyright: ignore[reportArgumentType]
            "game": asdict(self.game),
            "protocol": asdict(self.protocol) | self.own,
            **({"plugins": [plugin.facts for plugin in plugins]} if plugins else {}),
        }

    def to_json(self) -> bytes:
        """For other ranks: `from_json` makes the same of it."""
        return json.dumps(self.facts(), sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes, catalogue: Catalogue = BUILT_IN) -> "Scenario":
        """The scenario whose `to_json` this is; it was checked when it was read."""
        return cls.from_facts(json.loads(data), catalogue)

    @classmethod
    def from_facts(cls, facts: dict[str, Any], catalogue: Catalogue = BUILT_IN) -> "Scenario":
        """The scenario whose `facts` these are."""
        options = dict(facts["instance"])
        kind = options.pop("kind")
        common, own = parted(facts["protocol"])
        instance, game = catalogue.instances[kind](**options), GameOptions(**facts["game"])
        protocol = ProtocolOptions(**common)
        return cls(facts["name"], facts["about"], kind, instance, game, protocol, own, catalogue)


def parted(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The keys of [protocol] that every protocol has, and those of this one alone."""
    common = {option.name for option in fields(ProtocolOptions)}
    own = {key: value for key, value in table.items() if key not in common}
    return {key: value for key, value in table.items() if key in common}, own
