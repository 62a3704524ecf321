"""The loss ‖W∘(A − Ã)‖_F² of an approximation, in row pieces; squares are summed in float64."""

from collections.abc import Iterator

import numpy as np

from wlra_dist.linalg.rows.rows import computed_in, mapped_rows, row_runs
from wlra_dist.solvers.approximation import Approximation, LowRank
from wlra_dist.weights import Weights
from wlra_dist.weights.reweighted import ReweightedBlock
from wlra_dist.weights.weighing import column_runs
from wlra_dist.weights.weighted_rows import product, weight_rows


def squared_loss(A: np.ndarray, W: Weights, approximation: Approximation) -> float:
    """‖W∘(A − Ã)‖_F², for A n×d."""
    loss = 0.0
    for E in _errors(A, W, approximation):
        E = E.astype(float, copy=False)
        loss += float(np.vdot(E, E))
    return loss


def weighted_energy(A: np.ndarray, W: Weights) -> float:
    """‖W∘A‖_F²."""
    n, d = A.shape
    return squared_loss(A, W, LowRank(np.zeros((n, 0)), np.zeros((0, d))))


def _errors(A: np.ndarray, W: Weights, approximation: Approximation) -> Iterator[np.ndarray]:
    """W∘(A − Ã), a few rows at a time where Ã or W∘Ã has its rows at hand."""
    match approximation:
        case LowRank(U, V):
            V = V.astype(float, copy=False)  # a product rounded to float32 is of no rank, and may lose less than OPT
            for run in row_runs(*A.shape):
                yield weight_rows(W, run) * (mapped_rows(A, run) - U[run].astype(float, copy=False) @ V)
        case ReweightedBlock(S=S, C=C, X=X, rounded=False, weighted=True) if approximation.W is W and not len(S):
            for run in row_runs(*A.shape):
                weights = weight_rows(W, run)
                yield product(mapped_rows(A, run), weights, computed_in(A)) - np.where(weights > 0, C[run] @ X, 0)
        case _:
            for run in column_runs(*A.shape):
                yield W.dense(run) * (A[:, run] - approximation.columns(np.arange(A.shape[1])[run]))
