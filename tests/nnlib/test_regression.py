"""Chapter 10: the closed forms against numpy.linalg.lstsq, and their gradients against zero."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import (
    EMPTY,
    Network,
    identity,
    line,
    line_through_origin,
    linear_regression,
    pack,
)

SEEDS = st.integers(0, 2**32 - 1)


def points(m, seed, dtype=np.float64):
    """Return m points near a line, as read-only x and y."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-5, 5, m).astype(dtype)
    y = (2 * x - 3 + rng.standard_normal(m)).astype(dtype)
    x.flags.writeable = y.flags.writeable = False
    return x, y


def pairs(n_in, n_out, m, seed, dtype=np.float64):
    """Return m pairs near a linear function, as read-only X and Y."""
    rng = np.random.default_rng(seed)
    X = (10 + rng.standard_normal((n_in, m))).astype(dtype)
    Y = (rng.standard_normal((n_out, n_in)) @ X + rng.standard_normal((n_out, m))).astype(dtype)
    X.flags.writeable = Y.flags.writeable = False
    return X, Y


def gradient(W, b, X, Y):
    """Return the gradient of E of the network that is the linear regression."""
    network = Network((len(X), len(Y)), (identity,))
    return network.value_and_gradient(pack([EMPTY, W], [EMPTY, b]), X, Y)[1]


@given(m=st.integers(1, 30), seed=SEEDS)
def test_the_line_through_the_origin_is_that_of_lstsq(m, seed):
    x, y = points(m, seed)
    w = line_through_origin(x, y)
    assert type(w) is float
    assert w == pytest.approx(np.linalg.lstsq(x[:, None], y)[0][0], rel=1e-10, abs=1e-12)
    assert x @ (w * x - y) == pytest.approx(0, abs=1e-10)


@given(m=st.integers(3, 30), seed=SEEDS)
def test_the_line_is_that_of_lstsq_and_its_gradient_is_0(m, seed):
    x, y = points(m, seed)
    w, b = line(x, y)
    assert type(w) is type(b) is float
    assert [w, b] == pytest.approx(np.linalg.lstsq(np.c_[x, np.ones(m)], y)[0], rel=1e-6, abs=1e-6)
    assert gradient(np.array([[w]]), np.array([[b]]), x[None], y[None]) == pytest.approx(
        np.zeros(2), abs=1e-10
    )


@given(n_in=st.integers(1, 5), n_out=st.integers(1, 3), seed=SEEDS)
def test_linear_regression_is_that_of_lstsq_and_its_gradient_is_0(n_in, n_out, seed):
    X, Y = pairs(n_in, n_out, 30, seed)
    W, b = linear_regression(X, Y)
    expected = np.linalg.lstsq(np.c_[X.T, np.ones(30)], Y.T)[0].T
    assert np.c_[W, b] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert gradient(W, b, X, Y) == pytest.approx(np.zeros(n_out * (n_in + 1)), abs=1e-9)


def test_all_three_agree_where_they_meet():
    x, y = points(20, 0)
    w, b = line(x, y)
    W, B = linear_regression(x[None], y[None])
    assert [W[0, 0], B[0, 0]] == pytest.approx([w, b], rel=1e-12)
    centered = line_through_origin(x - x.mean(), y - y.mean())
    assert centered == pytest.approx(w, rel=1e-12)


def test_a_line_far_from_the_origin_keeps_its_digits():
    x = 1e8 + np.arange(10.0)
    w, b = line(x, 2 * x + 1)
    assert w == pytest.approx(2, rel=1e-14)
    assert w * 1e8 + b == pytest.approx(2e8 + 1, rel=1e-14)


def test_linear_regression_keeps_the_dtype_in_every_layout(dtype, eps, layout):
    X, Y = pairs(4, 2, 30, 0)
    expected = linear_regression(X, Y)
    W, b = linear_regression(layout(X.astype(dtype)), layout(Y.astype(dtype)))
    assert W.dtype == b.dtype == dtype
    assert (W.shape, b.shape) == ((2, 4), (2, 1))
    assert pytest.approx(expected[0], abs=1000 * eps) == W
    assert b == pytest.approx(expected[1], abs=10_000 * eps)


def test_float32_points_give_the_same_lines():
    x, y = points(20, 0)
    for fit in (line, line_through_origin):
        expected = fit(x, y)
        assert fit(*points(20, 0, np.float32)) == pytest.approx(expected, rel=1e-5)


def test_zeros_do_not_determine_a_line_through_the_origin():
    with pytest.raises(ValueError, match="all x are zero, so every w fits; expected"):
        line_through_origin(np.zeros(3), np.ones(3))


@pytest.mark.parametrize("m", [1, 3, 10])
def test_equal_x_do_not_determine_a_line(m):
    with pytest.raises(ValueError, match="all x are equal, so many lines fit; expected"):
        line(np.full(m, 0.1), np.arange(1.0, m + 1))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("m", [10, 10**6])
def test_a_row_that_varies_little_determines_a_linear_function(m, order, dtype, eps):
    """As 1000 to 1001 do in float32: the same lines as in double precision."""
    rng = np.random.default_rng(0)
    x = 1000 + rng.uniform(0, 1, (2, m))
    X = np.array(x, dtype, order=order)
    exact = X.astype(np.float64)
    Y = np.array(exact[:1] - 3 * exact[1:] + 5, dtype, order=order)
    W, b = linear_regression(X, Y)
    residual = W.astype(np.float64) @ exact + b - (exact[:1] - 3 * exact[1:] + 5)
    assert pytest.approx(np.array([[1, -3]]), abs=2000 * eps) == W
    assert np.abs(residual.mean()) < 10_000 * eps


def test_it_takes_what_line_takes(dtype):
    x = (1000 + np.random.default_rng(0).uniform(-0.1, 0.1, 10**6)).astype(dtype)
    y = (x - 1000) / 2
    w, b = line(x, y)
    W, B = linear_regression(x[None], y[None])
    assert [w, W[0, 0]] == pytest.approx([0.5, 0.5], rel=1e-3)
    assert [b, B[0, 0]] == pytest.approx([-500, -500], rel=1e-3)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("constant", [0.1, 1000.1, 1e30])
@pytest.mark.parametrize("m", [10, 10**6])
def test_a_constant_row_is_refused_however_long(m, constant, order, dtype):
    X = np.random.default_rng(0).standard_normal((2, m))
    X[1] = constant
    X = np.array(X, dtype, order=order)
    for rows in (X, X[::-1], X[1:]):
        with pytest.raises(ValueError, match="a row that is constant or a linear function"):
            linear_regression(rows, X[:1])


@pytest.mark.parametrize("m", [10, 10**5])
def test_dependent_rows_are_refused_however_long(m, dtype):
    X = 10 + np.random.default_rng(0).standard_normal((3, m))
    X[2] = X[0] - 2 * X[1] + 5
    with pytest.raises(ValueError, match="a row that is constant or a linear function"):
        linear_regression(X.astype(dtype), X[:1].astype(dtype))


@pytest.mark.parametrize("m", [1, 3, 10, 1000])
def test_a_constant_row_does_not_determine_a_linear_function(m, dtype, layout):
    for X in (np.full((1, m), 0.1, dtype), np.zeros((1, m), dtype)):
        with pytest.raises(ValueError, match="a row that is constant or a linear function"):
            linear_regression(layout(X), np.ones((1, m), dtype))


@given(seed=SEEDS)
def test_dependent_rows_do_not_determine_a_linear_function(seed):
    X, Y = pairs(3, 1, 10, seed)
    with pytest.raises(ValueError, match=r"X, of shape \(4, 10\), has a row .* linear function"):
        linear_regression(np.vstack([X, X[0] - 2 * X[1] + 5]), Y)


def test_fewer_columns_than_unknowns_do_not_determine_a_linear_function():
    X, Y = pairs(4, 1, 4, 0)
    with pytest.raises(ValueError, match="so many W fit; expected independent rows"):
        linear_regression(X, Y)
    X, Y = pairs(4, 1, 5, 0)
    W, b = linear_regression(X, Y)
    assert pytest.approx(Y, abs=1e-6) == W @ X + b


def test_rows_of_very_different_size_are_independent(dtype, eps):
    X, Y = pairs(2, 1, 30, 0, dtype)
    sizes = np.array([[2**20], [2**-20]], dtype)
    W, b = linear_regression(X, Y)
    W_sizes, b_sizes = linear_regression(sizes * X, Y)
    assert W_sizes * sizes.T == pytest.approx(W, rel=1000 * eps)
    assert b_sizes == pytest.approx(b, rel=1000 * eps)


@pytest.mark.parametrize("fit", [line, line_through_origin])
@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.ones(3), np.ones(2), r"y has shape \(2,\); expected \(3,\)"),
        (np.ones(3), np.ones(3, np.float32), "dtypes are x float64, y float32"),
        (np.ones((1, 3)), np.ones((1, 3)), r"x has shape \(1, 3\); expected \(m,\)"),
        (np.ones(3), np.ones(3, int), "y has dtype int64"),
        (np.ones(0), np.ones(0), r"x has shape \(0,\); expected at least one element"),
        ([1.0], [1.0], "x is a list"),
    ],
)
def test_points_that_do_not_fit_are_refused(fit, x, y, words):
    with pytest.raises(ValueError, match=words):
        fit(x, y)


@pytest.mark.parametrize(
    ("X", "Y", "words"),
    [
        (np.ones((2, 3)), np.ones((1, 4)), r"Y has shape \(1, 4\); expected \(n\^1, 3\)"),
        (np.ones((2, 3)), np.ones(3), r"Y has shape \(3,\); expected \(n\^1, 3\)"),
        (np.ones((2, 0)), np.ones((1, 0)), "expected at least one element"),
        (np.ones((2, 3)), np.ones((1, 3), np.float32), "dtypes are X float64, Y float32"),
        (np.ones((2, 3), int), np.ones((1, 3), int), "X has dtype int64"),
    ],
)
def test_pairs_that_do_not_fit_are_refused(X, Y, words):
    with pytest.raises(ValueError, match=words):
        linear_regression(X, Y)
