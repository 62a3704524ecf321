"""The solvers as a textbook would have them, for the comparison: full SVDs, a loop of lstsq, automatic gradients.

Each takes A and W (n×d arrays), k, how many iterations, and an rng, computes in the arrays' type (float64 is a
textbook's), and returns U (n×k) and V (k×d). `benchmarks/solvers/solvers.py` times them.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

Factors = tuple[np.ndarray, np.ndarray]
Textbook = Callable[[np.ndarray, np.ndarray, int, int, np.random.Generator], Factors]


def em(A: np.ndarray, W: np.ndarray, k: int, iterations: int, rng: np.random.Generator) -> Factors:  # noqa: ARG001
    """Srebro & Jaakkola's iteration, an SVD of the whole matrix each."""
    S = np.square(W / W.max())
    U, V = np.zeros((len(A), k)), np.zeros((k, A.shape[1]))
    for _ in range(iterations):
        U, V = truncated_svd(S * A + (1 - S) * (U @ V), k)
    return U, V


def greedy(A: np.ndarray, W: np.ndarray, k: int, iterations: int, rng: np.random.Generator) -> Factors:  # noqa: ARG001
    """The leading singular vector of the gradient by an SVD of all of it, and V again by a loop of lstsq."""
    U, V = np.zeros((len(A), 0)), np.zeros((0, A.shape[1]))
    for _ in range(min(k, iterations)):
        U = np.hstack([U, truncated_svd(np.square(W) * (A - U @ V), 1)[0]])
        V = np.array([np.linalg.lstsq(w[:, None] * U, w * a)[0] for a, w in zip(A.T, W.T, strict=True)]).T
    return U, V


def als(A: np.ndarray, W: np.ndarray, k: int, iterations: int, rng: np.random.Generator) -> Factors:
    """A least squares problem after the other."""
    U, V = np.zeros((len(A), k)), rng.standard_normal((k, A.shape[1]))
    for _ in range(iterations):
        U = np.array([np.linalg.lstsq(w[:, None] * V.T, w * a)[0] for a, w in zip(A, W, strict=True)])
        V = np.array([np.linalg.lstsq(w[:, None] * U, w * a)[0] for a, w in zip(A.T, W.T, strict=True)]).T
    return U, V


def adam(A: np.ndarray, W: np.ndarray, k: int, iterations: int, rng: np.random.Generator) -> Factors:
    """Torch's Adam on torch's gradients; without torch, the same by numpy on whole matrices."""
    U, V = rng.standard_normal((len(A), k)), rng.standard_normal((k, A.shape[1]))
    try:
        torch: Any = import_module("torch")  # by name: it is no dependency, so no type checker finds it
    except ImportError:
        return dense_adam(A, np.square(W), U, V, iterations)
    target, squares = torch.tensor(A), torch.tensor(np.square(W))
    factors = [torch.tensor(U, requires_grad=True), torch.tensor(V, requires_grad=True)]
    optimiser = torch.optim.Adam(factors, lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, step_size=10, gamma=0.7)
    for _ in range(iterations):
        optimiser.zero_grad()
        (squares * (target - factors[0] @ factors[1]) ** 2).sum().backward()
        optimiser.step()
        schedule.step()
    return factors[0].detach().numpy(), factors[1].detach().numpy()


def dense_adam(A: np.ndarray, S: np.ndarray, U: np.ndarray, V: np.ndarray, epochs: int) -> Factors:
    moments = [(np.zeros_like(U), np.zeros_like(U)), (np.zeros_like(V), np.zeros_like(V))]
    for t in range(1, epochs + 1):
        D = -2 * S * (A - U @ V)
        for i, (factor, gradient) in enumerate(((U, D @ V.T), (V, U.T @ D))):
            mean, square = moments[i]
            mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
            moments[i] = mean, square
            factor -= 0.7 ** ((t - 1) // 10) * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
    return U, V


def truncated_svd(M: np.ndarray, k: int) -> Factors:
    left, values, right = np.linalg.svd(M, full_matrices=False)
    return left[:, :k] * values[:k], right[:k]


def cmf(
    A: np.ndarray,
    W: np.ndarray,
    k: int,
    iterations: int,
    rng: np.random.Generator,  # noqa: ARG001
    threads: int = 1,
) -> Factors:
    """The weighted alternating least squares of cmfrec, a peer and no textbook; it must be installed."""
    cmfrec: Any = import_module("cmfrec")
    model = cmfrec.CMF(
        k=k, lambda_=1e-9, niter=iterations, use_cg=False, user_bias=False, item_bias=False, center=False,
        nthreads=threads, scale_lam=False, precompute_for_predictions=False, verbose=False,
        use_float=A.dtype == np.float32,
    )  # fmt: skip
    S = np.square(W / W.max())
    model.fit(X=A, W=S.astype(A.dtype))
    return model.A_, model.B_.T


TEXTBOOK: dict[str, Textbook] = {"em": em, "greedy": greedy, "als": als, "adam": adam}
"""By the names of `wlra_dist.solvers`."""
