"""Every selector takes the same columns of B·2^a, whose fourth powers may have no double."""

import numpy as np
import pytest
from scipy.sparse import csc_array

from wlra_dist.css import SELECTORS, Stop, select


@pytest.mark.parametrize("power", [150, -400, 450])
@pytest.mark.parametrize("name", SELECTORS)
def test_columns_have_no_scale(name: str, power: int):
    rng = np.random.default_rng(0)
    B = rng.standard_normal((30, 4)) @ rng.standard_normal((4, 25)) + 0.1 * rng.standard_normal((30, 25))
    B[rng.random(B.shape) < 0.3] = 0
    for block, scaled in ((B, np.ldexp(B, power)), (csc_array(B), csc_array(np.ldexp(B, power)))):
        for stop, far in ((Stop(5), Stop(5)), (Stop(residual=2.0), Stop(residual=2.0 * 4.0**power))):
            plain, same = (
                select(SELECTORS[name](), *asked, np.random.default_rng(1)) for asked in ((block, stop), (scaled, far))
            )
            assert np.array_equal(plain.columns, same.columns)
