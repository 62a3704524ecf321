"""What a network still knows when its layer A gives way to Ã, beside the bytes that Ã takes.

Low-rank factors are counted as floats of 32 bits. A game's solution is counted as what Alice really told Bob: rounded
as coarsely as its accuracy allows, and entropy coded. W is public in the game, and counted nowhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from wlra_dist.errors import InputError
from wlra_dist.inputs.numbers import Accuracy, Rank, Seed
from wlra_dist.instances import FisherLayer, Instance, Share, alone
from wlra_dist.instances.mlp import Data, Network, accuracy, train
from wlra_dist.playing.play import Outcome, play
from wlra_dist.scenario.options import GameOptions, InstanceOptions, ProtocolOptions, Scenario
from wlra_dist.solvers import SOLVERS
from wlra_dist.solvers.loss import weighted_energy
from wlra_dist.solvers.methods import Solvers
from wlra_dist.studies.experiments.method import Method, Stated
from wlra_dist.studies.experiments.options import Threads, require_each_once
from wlra_dist.studies.experiments.tables import FLOAT_BYTES, Row, Rows, Tell
from wlra_dist.world.world import Alone

ROUNDED = (2, 3, 4, 5, 6, 8)
"""Bits of an entry, of layers that are rounded by rows and nothing else: what any approximation must beat."""


@dataclass(frozen=True, eq=False)
class CompressionResult:
    """What was found.

    Attributes:
        facts: sizes, accuracy and bytes of the layer as it was, and a row for each number of bits it is rounded to.
        accuracies: a row for each method or game, and rank.
    """

    facts: Row
    accuracies: Rows

    @property
    def tables(self) -> dict[str, Rows]:
        """By the names of their files."""
        return {"accuracies": self.accuracies}


@dataclass(frozen=True)
class Compression:
    """[experiment] kind = "compression".

    Args:
        ranks: to solve for; at most the instance's k.
        methods: that are compared.
        epsilons: for each of them and each rank a game `one_way` is played.
        threads: of BLAS.
        seed: of methods and games.
    """

    ranks: list[Rank]
    methods: list[Stated]
    epsilons: list[Accuracy] = field(default_factory=list)
    threads: Threads = 1
    seed: Seed = 0

    def __post_init__(self) -> None:
        require_each_once(ranks=self.ranks, methods=self.methods)

    @property
    def stated(self) -> list[Stated]:
        """All methods."""
        return self.methods

    def run(self, input: InstanceOptions, tell: Tell, solvers: Solvers = SOLVERS) -> CompressionResult:
        """Trains the network and does all of it by methods of these names; InputError for what is no layer of one."""
        if not isinstance(input, FisherLayer):
            raise InputError('[instance] kind: expected "fisher", as the accuracy of a network is what is measured')
        tell("training the network")
        layer = Layer.trained(input)
        n, d = layer.instance.shape
        facts = {"n": n, "d": d, "accuracy": accuracy(layer.network, layer.test), "bytes": FLOAT_BYTES * n * d}
        facts["rounded"] = [layer.rounded(bits) for bits in ROUNDED]
        return CompressionResult(facts, [*self._solved(layer, tell, solvers), *self._played(layer, tell)])

    def _solved(self, layer: "Layer", tell: Tell, solvers: Solvers) -> Iterator[Row]:
        A, W = layer.network.A, layer.instance.weights
        for method in (Method.of(stated, solvers) for stated in self.methods):
            tell(method.label)
            for k in self.ranks:
                solution = method(A, W, k, self.seed)
                approximation = solution.approximation.columns(np.arange(A.shape[1]))
                yield layer.row(method.label, k, approximation, FLOAT_BYTES * solution.parameters, solution.loss)

    def _played(self, layer: "Layer", tell: Tell) -> Iterator[Row]:
        for epsilon in self.epsilons:
            label = f"game, epsilon={epsilon:g}"
            for k in self.ranks:
                tell(f"{label}, rank {k}")
                outcome = self._game(layer, k, epsilon)
                bits = int(outcome.account.entries.bits.sum())
                yield layer.row(label, k, outcome.solution.dense(), -(-bits // 8), outcome.certificate.loss)

    def _game(self, layer: "Layer", k: int, epsilon: float) -> Outcome:
        """Alice tells Bob the layer, to within (1+ε) of the best bound on what rank k must lose."""
        game = GameOptions(servers=1, threads=self.threads, seed=self.seed)
        asked = ProtocolOptions("one_way", epsilon=epsilon)
        outcome = play(Scenario("compression", "", "fisher", layer.of_rank(k), game, asked), Alone())
        assert outcome is not None, "one process plays all parties"
        return outcome


@dataclass(frozen=True, eq=False)
class OpenInstance:
    """The options of an instance that is open already: a network is trained once."""

    instance: Instance

    def open(self, share: Share) -> Instance:  # noqa: ARG002
        return self.instance


@dataclass(frozen=True, eq=False)
class Layer:
    """A trained network, its layer as an instance, and the images that it is tested on."""

    network: Network
    instance: Instance
    test: Data

    @classmethod
    def trained(cls, options: FisherLayer) -> "Layer":
        instance = options.open(alone)
        learning, test = options.images()
        return cls(train(learning, options.training), instance, test)

    def of_rank(self, k: int) -> OpenInstance:
        return OpenInstance(replace(self.instance, k=k))

    def rounded(self, bits: int) -> Row:
        """Each row in so many bits an entry, and a float32 for its scale."""
        A = self.network.A
        n, d = A.shape
        scales = np.abs(A).max(axis=1, keepdims=True) / (2 ** (bits - 1) - 1)
        scales[scales == 0] = 1
        approximation = np.round(A / scales) * scales
        loss = weighted_energy(A - approximation, self.instance.weights)
        return self.row("rounded by rows", bits, approximation, -(-n * d * bits // 8) + FLOAT_BYTES * n, loss)

    def row(self, label: str, k: int, approximation: np.ndarray, size: int, loss: float) -> Row:
        """`size` is in bytes; `relative_loss` is loss/‖W∘A‖_F²."""
        changed = replace(self.network, A=approximation.astype(np.float32))
        energy = weighted_energy(self.network.A, self.instance.weights) or 1.0
        known = accuracy(changed, self.test)
        return {"method": label, "rank": k, "bytes": size, "relative_loss": loss / energy, "accuracy": known}
