"""Bits in, arrays out: the codes of the game's messages."""

from wlra_dist.codecs.bits import BitReader as BitReader
from wlra_dist.codecs.bits import BitWriter as BitWriter
from wlra_dist.codecs.bits import DecodeError as DecodeError
from wlra_dist.codecs.choice import OneOf as OneOf
from wlra_dist.codecs.codec import Codec as Codec
from wlra_dist.codecs.codec import decode as decode
from wlra_dist.codecs.codec import encode as encode
from wlra_dist.codecs.codec import received as received
from wlra_dist.codecs.columns import ColumnsAndX as ColumnsAndX
from wlra_dist.codecs.columns import SelectedColumns as SelectedColumns
from wlra_dist.codecs.columns import SparseColumns as SparseColumns
from wlra_dist.codecs.compound import ListOf as ListOf
from wlra_dist.codecs.compound import Pair as Pair
from wlra_dist.codecs.described import DescribedColumns as DescribedColumns
from wlra_dist.codecs.described import IntegerColumnsAndY as IntegerColumnsAndY
from wlra_dist.codecs.energy import Energy as Energy
from wlra_dist.codecs.integers import Count as Count
from wlra_dist.codecs.integers import Indices as Indices
from wlra_dist.codecs.integers import Integers as Integers
from wlra_dist.codecs.reals import Coefficients as Coefficients
from wlra_dist.codecs.reals import Fixed as Fixed
from wlra_dist.codecs.reals import Floats as Floats
from wlra_dist.codecs.residual_curve import CurveCode as CurveCode
from wlra_dist.codecs.residual_curve import ResidualCurve as ResidualCurve
from wlra_dist.codecs.rounded import RoundedCode as RoundedCode
from wlra_dist.codecs.rounded import RoundedFactors as RoundedFactors
