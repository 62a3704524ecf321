"""The selectors that stand alone, by name; those that build on others are added in `wlra_dist.css`."""

from wlra_dist.css.adaptive import AdaptiveSampling
from wlra_dist.css.dual_set import DualSet
from wlra_dist.css.gram_qr import GramQR
from wlra_dist.css.greedy import Greedy
from wlra_dist.css.leverage import LeverageSampling
from wlra_dist.css.norm_sampling import NormSampling
from wlra_dist.css.osinsky import Osinsky
from wlra_dist.css.rp_cholesky import RandomlyPivotedCholesky
from wlra_dist.css.selection import Selector
from wlra_dist.css.sketched_greedy import SketchedGreedy
from wlra_dist.css.sketched_qr import SketchedQR
from wlra_dist.css.uniform import UniformSampling

ALONE: dict[str, type[Selector]] = {
    "greedy": Greedy,
    "sketched_greedy": SketchedGreedy,
    "gram_qr": GramQR,
    "sketched_qr": SketchedQR,
    "osinsky": Osinsky,
    "dual_set": DualSet,
    "rp_cholesky": RandomlyPivotedCholesky,
    "adaptive": AdaptiveSampling,
    "leverage": LeverageSampling,
    "norm": NormSampling,
    "uniform": UniformSampling,
}
