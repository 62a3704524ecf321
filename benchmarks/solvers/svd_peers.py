"""The truncated SVDs of W∘A that others have, each of k = 20: what `solvers.py svd` stands beside ours."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any, Protocol

import numpy as np

K = 20

Factors = tuple[np.ndarray, np.ndarray]
"""L (n×k) and X (k×d)."""

Method = Callable[[int], Factors]
"""By seed."""


class Case(Protocol):
    """A, W and B = W∘A."""

    @property
    def A(self) -> np.ndarray: ...
    @property
    def W(self) -> np.ndarray: ...
    @property
    def B(self) -> np.ndarray: ...


def peers(case: Case, threads: int) -> dict[str, Method]:
    """Those that are installed."""
    found: dict[str, Method] = {}
    for name, (package, make) in PEERS.items():
        try:
            found[name] = partial(make, import_module(package), case, threads)
        except ImportError:
            continue
    return found


def import_peers() -> None:
    for package, _ in PEERS.values():
        with suppress(ImportError):
            import_module(package)


def by_torch(torch: Any, case: Case, threads: int, seed: int) -> Factors:
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    U, s, V = torch.svd_lowrank(torch.from_numpy(case.W) * torch.from_numpy(case.A), q=K + 10, niter=2)
    return (U[:, :K] * s[:K]).numpy(), V[:, :K].T.numpy()


def by_fbpca(fbpca: Any, case: Case, threads: int, seed: int) -> Factors:  # noqa: ARG001
    np.random.seed(seed)  # noqa: NPY002  its only way
    U, s, V = fbpca.pca(case.B, K, raw=True)
    return U * s, V


def by_sklearn(extmath: Any, case: Case, threads: int, seed: int) -> Factors:  # noqa: ARG001
    U, s, V = extmath.randomized_svd(case.B, K, random_state=seed)
    return U * s, V


def by_sklearn_quick(extmath: Any, case: Case, threads: int, seed: int) -> Factors:  # noqa: ARG001
    U, s, V = extmath.randomized_svd(case.B, K, n_iter=2, random_state=seed)
    return U * s, V


def by_numpy(linalg: Any, case: Case, threads: int, seed: int) -> Factors:  # noqa: ARG001
    """The way that users write down: all eigenvectors of the Gram matrix."""
    B = case.B
    V = linalg.eigh(B.T @ B)[1][:, : -K - 1 : -1]
    return B @ V, V.T


def by_scipy(linalg: Any, case: Case, threads: int, seed: int) -> Factors:  # noqa: ARG001
    """The same with the K eigenvectors that are asked for."""
    B = case.B
    V = linalg.eigh(B.T @ B, subset_by_index=[B.shape[1] - K, B.shape[1] - 1])[1]
    return B @ V, V.T


def by_svds(solver: str, sparse: Any, case: Case, threads: int, seed: int) -> Factors:  # noqa: ARG001
    U, s, V = sparse.svds(case.B, K, solver=solver, rng=seed)
    return U * s, V


PEERS: dict[str, tuple[str, Callable[..., Factors]]] = {
    "numpy eigh of BᵀB": ("numpy.linalg", by_numpy),
    "scipy eigh of BᵀB, K of them": ("scipy.linalg", by_scipy),
    "scipy svds arpack": ("scipy.sparse.linalg", partial(by_svds, "arpack")),
    "scipy svds propack": ("scipy.sparse.linalg", partial(by_svds, "propack")),
    "torch.svd_lowrank": ("torch", by_torch),
    "fbpca": ("fbpca", by_fbpca),
    "scikit-learn randomized_svd": ("sklearn.utils.extmath", by_sklearn),
    "the same, n_iter=2": ("sklearn.utils.extmath", by_sklearn_quick),
}
