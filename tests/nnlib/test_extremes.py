"""Any architecture, dtype and order in memory, and numbers from the smallest to the largest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import (
    Network,
    gelu,
    identity,
    leaky_relu,
    line,
    line_through_origin,
    linear_regression,
    relu,
    sigmoid,
    softmax,
    softmax_cross_entropy,
    softplus,
    squared_error,
    tanh,
)

ACTIVATIONS = (identity, sigmoid, tanh, relu, leaky_relu, softplus, gelu)
BOTH_ERRORS = pytest.mark.parametrize("error", [squared_error, softmax_cross_entropy], ids=str)


@st.composite
def extremes(draw, dtype, power):
    """Draw a network, theta and X, whose numbers may be as large as the dtype's largest^power.

    Large, small, subnormal numbers and zeros of both signs meet; sizes are small, and often 1.
    """
    n = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    g = draw(st.tuples(*[st.sampled_from(ACTIVATIONS)] * (len(n) - 1)))
    error = draw(st.sampled_from([squared_error, softmax_cross_entropy]))
    network, m = Network(n, g, error), draw(st.integers(1, 3))
    info = np.finfo(dtype)
    largest = float(info.max) ** (power / len(n)) / 10
    sizes = [0, float(info.smallest_subnormal), float(info.tiny), 1e-30, 0.5, 1, largest]
    number = st.builds(
        lambda size, sign: sign * size, st.sampled_from(sizes), st.sampled_from([-1, 1])
    )
    count = network.p + n[0] * m
    numbers = np.array(draw(st.lists(number, min_size=count, max_size=count)), dtype)
    theta, X = numbers[: network.p], numbers[network.p :].reshape(n[0], m)
    theta.flags.writeable = X.flags.writeable = False
    return network, theta, X


@given(data=st.data())
def test_outputs_are_finite_where_the_mathematics_is(data, dtype):
    network, theta, X = data.draw(extremes(dtype, power=0.9))
    with np.errstate(all="raise", under="ignore"):
        outputs = network(theta, X)
    assert outputs.dtype == dtype
    assert np.isfinite(outputs).all()


@given(data=st.data())
def test_E_and_gradient_are_finite_where_the_mathematics_is(data, dtype):
    network, theta, X = data.draw(extremes(dtype, power=0.4))
    Y = np.full((network.n[-1], X.shape[1]), 1 / network.n[-1], dtype)
    with np.errstate(all="raise", under="ignore"):
        E, gradient = network.value_and_gradient(theta, X, Y)
    assert type(E) is float
    assert np.isfinite(E)
    assert gradient.dtype == dtype
    assert np.isfinite(gradient).all()


ORDERS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "reversed": lambda M: M[::-1, ::-1].copy()[::-1, ::-1],
    "strided": lambda M: np.repeat(np.repeat(M, 2, axis=0), 3, axis=1)[::2, ::3],
    "a part": lambda M: np.pad(M, 2)[2:-2, 2:-2],
    "transposed": lambda M: np.array(M.T, order="C").T,
    "unaligned": lambda M: np.frombuffer(b"?" + M.tobytes(), M.dtype, offset=1).reshape(M.shape),
}


@given(data=st.data())
@BOTH_ERRORS
@pytest.mark.parametrize("order", ORDERS)
def test_the_order_in_memory_does_not_matter(data, cases, order, error, dtype, eps, same):
    case = data.draw(cases)
    network = Network(case.n, case.g, error)
    theta, X, Y = case.arrays(dtype)
    laid_out = ORDERS[order](theta[None])[0], ORDERS[order](X), ORDERS[order](Y)
    for M, expected in zip(laid_out, (theta, X, Y), strict=True):
        assert np.array_equal(M, expected)
    assert same(network(*laid_out[:2]), network(theta, X))
    value, gradient = network.value_and_gradient(*laid_out)
    expected_value, expected = network.value_and_gradient(theta, X, Y)
    assert value == pytest.approx(expected_value, rel=1000 * eps, abs=eps)
    assert same(gradient, expected)


@given(data=st.data(), n=st.integers(1, 4), m=st.integers(1, 4))
def test_softmax_of_any_sizes_is_a_column_of_probabilities(data, n, m, dtype):
    largest = float(np.finfo(dtype).max) / 4  # so that differences are floats
    sizes = st.floats(-largest, largest, width=np.finfo(dtype).bits)
    numbers = data.draw(st.lists(sizes, min_size=n * m, max_size=n * m))
    Z = np.array(numbers, dtype).reshape(n, m)
    with np.errstate(all="raise", under="ignore"):
        S = softmax(Z)
        E = softmax_cross_entropy(Z, S)
    assert np.all((S >= 0) & (S <= 1))
    assert S.sum(axis=0) == pytest.approx(np.ones(m), rel=1e-6)
    assert np.isfinite(E)


@pytest.mark.parametrize("size", [1e-18, 1e-10, 1, 1e10, 1e18])
def test_lines_are_right_where_squares_are_floats(size, dtype, eps):
    x = size * np.array([1, -2, 4, 5], dtype)
    assert line_through_origin(x, 3 * x) == pytest.approx(3, rel=10 * eps)
    assert line(x, 3 * x) == pytest.approx((3, 0), rel=10 * eps, abs=10 * eps * size)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("size", [1e-30, 1e-22, 1e30, 1e37])
@pytest.mark.parametrize("fit", [line, line_through_origin])
def test_lines_are_refused_where_squares_are_none(fit, size):
    x = size * np.array([1, -2, 4, 5], np.float32)
    with pytest.raises(ValueError, match=r"the sums of x\^2 and x y are .*; expected numbers in"):
        fit(x, x)


@pytest.mark.parametrize("size", [1e-37, 1e-30, 1e-10, 1, 1e10, 1e30])
def test_linear_regression_is_right_at_every_size(size, dtype, eps):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((3, 20)).astype(dtype), rng.standard_normal((2, 20)).astype(dtype)
    W, b = linear_regression(X, Y)
    scaled, b_scaled = linear_regression((size * X).astype(dtype), Y)
    assert np.asarray(scaled, np.float64) * size == pytest.approx(W, rel=1e5 * eps)
    assert b_scaled == pytest.approx(b, rel=1e5 * eps)
