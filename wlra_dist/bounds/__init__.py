"""What the theorems say a run costs: upper and lower bounds, as functions of the public sizes.

n×d is A's shape, s the most nonzeros of a column, r the rank of W, k the target rank, m the number of servers,
ε the accuracy; K = rk. "Words" are the numbers of the paper's counts; each takes `word_bits(n, d)` bits.
"""

from wlra_dist.bounds.lower import dense_instance_bits as dense_instance_bits
from wlra_dist.bounds.lower import everyone_bits as everyone_bits
from wlra_dist.bounds.lower import expected_bits as expected_bits
from wlra_dist.bounds.lower import instance_exists as instance_exists
from wlra_dist.bounds.lower import worst_case_bits as worst_case_bits
from wlra_dist.bounds.sizes import Sizes as Sizes
from wlra_dist.bounds.sizes import columns_for as columns_for
from wlra_dist.bounds.sizes import word_bits as word_bits
from wlra_dist.bounds.sketches import check_rows as check_rows
from wlra_dist.bounds.sketches import sketch_rows as sketch_rows
from wlra_dist.bounds.upper import SOURCES as SOURCES
from wlra_dist.bounds.upper import UPPER_BOUNDS as UPPER_BOUNDS
from wlra_dist.bounds.upper import als_words as als_words
from wlra_dist.bounds.upper import one_round_words as one_round_words
from wlra_dist.bounds.upper import one_way_words as one_way_words
from wlra_dist.bounds.upper import raw_words as raw_words
