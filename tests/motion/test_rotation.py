import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from unknot.motion.rotation import polar


@given(n=st.integers(1, 5), data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_what_is_killed_turns_least(n, data, seed):
    rank = data.draw(st.integers(0, n))
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n))
    nearest = polar(matrix)
    assert np.allclose(nearest @ nearest.T, np.eye(n), atol=1e-12)
    # Nearest to the matrix: the trace of the product is the sum of the singular values.
    u, sigma, vt = np.linalg.svd(matrix)
    assert np.isclose(np.trace(nearest.T @ matrix), sigma.sum())
    # Of all that are as near, none is nearer to the identity: ‖Q − I‖² = 2n − 2 tr Q.
    other = np.eye(n)
    other[rank:, rank:] = np.linalg.qr(rng.normal(size=(n - rank, n - rank)))[0]
    assert np.trace(nearest) >= np.trace(u @ other @ vt) - 1e-9
