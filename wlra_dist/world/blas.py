"""The number of BLAS threads: fixed, because sums split among another number of threads round differently."""

import os

from wlra_dist.errors import UnfitEnvironmentError

_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def blas_threads() -> dict[str, int]:
    """The BLAS libraries that are loaded, and the threads each would use."""
    import numpy as np  # noqa: F401  threadpoolctl sees what is loaded
    from threadpoolctl import threadpool_info

    return {
        f"{pool.get('internal_api')} {pool.get('version')}": pool["num_threads"]
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    }


def fix_blas_threads(n: int) -> None:
    """Makes BLAS use n threads from now on; raises UnfitEnvironmentError if a library does not obey."""
    from threadpoolctl import threadpool_limits

    os.environ.update(dict.fromkeys(_VARIABLES, str(n)))  # scipy brings a BLAS of its own when it is imported later
    before = blas_threads()
    threadpool_limits(n, user_api="blas")
    disobedient = {library: count for library, count in blas_threads().items() if count != n}
    if disobedient:
        raise UnfitEnvironmentError(
            f"expected BLAS to use {n} threads, but got {disobedient} (before: {before}); try 1 thread"
        )
