from wlra_dist.css.simply import select_columns as select_columns
from wlra_dist.errors import InputError as InputError
from wlra_dist.errors import VerificationError as VerificationError
from wlra_dist.errors import WlraDistError as WlraDistError
from wlra_dist.estimators import WeightedColumnSelector as WeightedColumnSelector
from wlra_dist.estimators import WeightedLowRank as WeightedLowRank
from wlra_dist.game import Faceted as Faceted
from wlra_dist.game import Game as Game
from wlra_dist.game import Located as Located
from wlra_dist.game import Party as Party
from wlra_dist.game import PerParty as PerParty
from wlra_dist.optima import lower_bounds as lower_bounds
from wlra_dist.playing.play import Outcome as Outcome
from wlra_dist.playing.simply import play as play
from wlra_dist.protocols import bounds as bounds
from wlra_dist.record.audit import audit as audit
from wlra_dist.record.expand import expand as expand
from wlra_dist.record.replay import replay as replay
from wlra_dist.scenario.options import Scenario as Scenario
from wlra_dist.solvers import Solution as Solution
from wlra_dist.solvers import solve as solve
from wlra_dist.weights import BlockMask as BlockMask
from wlra_dist.weights import DenseWeights as DenseWeights
from wlra_dist.weights import LowRankWeights as LowRankWeights
from wlra_dist.weights import SparseWeights as SparseWeights

__version__: str
__all__: list[str]
