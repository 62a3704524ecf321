"""QR by pieces is QR: orthonormal, exact, the same R without Q; what is nearly dependent is left to LAPACK."""

import numpy as np
import pytest

from wlra_dist.linalg.basis import orthonormal_basis
from wlra_dist.linalg.oriented_basis import oriented_basis, oriented_triangle
from wlra_dist.linalg.rows import tall

EPS = np.finfo(float).eps


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tall, "TALL", 0)
    monkeypatch.setattr(tall, "MERGED", 100)


@pytest.mark.parametrize("condition", [1.0, 1e3, 1e6])
@pytest.mark.parametrize("n", [41, 1000])
def test_it_is_the_factorisation(n: int, condition: float) -> None:
    rng = np.random.default_rng(n)
    L = np.linalg.qr(rng.standard_normal((n, 6)))[0] * np.geomspace(1, 1e9, 6)  # lengths mean nothing
    L[:, 5] = L[:, 0] * 1e9 + L[:, 5] / condition
    Q, R = oriented_basis(L)
    assert tall.tall_basis(L) is not None
    assert np.abs(Q.T @ Q - np.eye(6)).max() < 20 * EPS
    assert (np.linalg.norm(Q @ R - L, axis=0) < 50 * EPS * condition * np.linalg.norm(L, axis=0)).all()
    assert (R.diagonal() > 0).all()
    assert not np.tril(R, -1).any()
    assert np.array_equal(oriented_triangle(L), R)
    exact, triangle = np.linalg.qr(L)
    signs = np.sign(triangle.diagonal())
    np.testing.assert_allclose(Q, exact * signs, atol=100 * EPS * condition)


def test_dependent_columns_are_left_to_lapack() -> None:
    L = np.random.default_rng(0).standard_normal((300, 3))
    L[:, 2] = L[:, 0] + 1e-9 * L[:, 2]
    assert tall.tall_basis(L) is None
    assert orthonormal_basis(L).shape[1] == 3
    L[:, 2] = L[:, 0]
    assert orthonormal_basis(L).shape[1] == 2
    np.testing.assert_allclose(
        oriented_basis(L)[1], np.linalg.qr(L)[1] * np.sign(np.linalg.qr(L)[1].diagonal())[:, None]
    )
