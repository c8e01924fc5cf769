"""Chapters 5 and 6: central differences, and the check of a gradient by them."""

import numpy as np
import pytest

from nnlib import (
    EMPTY,
    Network,
    check_gradient,
    gelu,
    identity,
    linear_regression,
    numerical_gradient,
    pack,
    random_normal,
    sigmoid,
    softplus,
    tanh,
)

rng = np.random.default_rng(0)
M = rng.standard_normal((3, 4))
X = rng.standard_normal((4, 5))


def product(X):
    """Return 1/2 ||M X||^2, whose gradient by X is M^T M X."""
    return 0.5 * float(np.sum((M.astype(X.dtype) @ X) ** 2))


def test_the_gradient_by_a_vector():
    x = np.array([0.5, -1.0, 2.0])
    gradient = numerical_gradient(lambda x: np.sin(x[0]) * x[1] + np.exp(x[2]), x)
    assert gradient == pytest.approx([-np.cos(0.5), np.sin(0.5), np.exp(2)], rel=1e-9)


def test_the_gradient_by_a_matrix_in_every_layout(dtype, eps, layout):
    gradient = numerical_gradient(product, layout(X.astype(dtype)))
    assert gradient.dtype == dtype
    assert gradient == pytest.approx(M.T @ M @ X, abs=10 * eps ** (2 / 3))


def test_the_gradient_by_a_number():
    gradient = numerical_gradient(lambda x: float(x) ** 2, np.array(3.0))
    assert gradient.shape == ()
    assert gradient == pytest.approx(6, rel=1e-9)


def test_the_deviation_is_a_sixth_of_h_squared_times_the_third_derivative():
    for h in (0.1, 0.01):
        difference = numerical_gradient(lambda x: x[0] ** 3, np.array([1.0]), h)[0] - 3
        assert difference == pytest.approx(h**2, rel=1e-9)


def test_the_default_step_grows_with_x():
    x = np.array([1e6, 1e-6])
    assert numerical_gradient(lambda x: float(x @ x), x) == pytest.approx(2 * x, abs=1e-4)
    seen = []
    numerical_gradient(lambda x: seen.append(x) or 0.0, x)
    least = np.finfo(np.float64).eps ** (1 / 3)
    assert seen[0][0] - x[0] == pytest.approx(least * 1e6, rel=1e-4)
    assert seen[2][1] - x[1] == pytest.approx(least, rel=1e-4)


@pytest.mark.parametrize("x", [1e10 + 1 / 3, -1e10 / 7])
def test_differences_are_divided_by_the_distance_after_rounding(x):
    # Floats are about 2e-6 apart here, so that a step of 1e-5 is a tenth longer or shorter.
    assert numerical_gradient(lambda x: float(x), np.array(x), h=1e-5) == 1


def test_f_is_evaluated_twice_for_each_element_and_x_is_left_as_it_was():
    seen, x = [], np.ones((2, 3))
    x.flags.writeable = False
    numerical_gradient(lambda x: seen.append(x) or 0.0, x, h=0.5)
    assert len(seen) == 12
    assert all(np.count_nonzero(point != x) == 1 for point in seen)


@pytest.mark.parametrize("h", [0, -1e-3, np.nan, np.inf, np.ones(2)])
def test_a_step_that_is_not_positive_is_refused(h):
    with pytest.raises(ValueError, match=r"h is .*; expected a finite number above 0"):
        numerical_gradient(np.sum, np.ones(2), h)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.ones(2, int), r"x has dtype int64.*x\.astype\(np\.float64\)\?"),
        ([1.0, 2.0], "x is a list; expected a NumPy array"),
    ],
)
def test_a_point_that_is_no_float_array_is_refused(x, words):
    with pytest.raises(ValueError, match=words):
        numerical_gradient(np.sum, x)
    with pytest.raises(ValueError, match=words):
        check_gradient(lambda x: (np.sum(x), np.ones(2)), x)


def test_a_right_gradient_passes_in_every_layout(layout):
    error = check_gradient(lambda X: (product(X), M.T @ M @ X), layout(X))
    assert type(error) is float
    assert 0 <= error < 1e-9
    assert check_gradient(lambda x: (1.0, 0 * x), np.ones(2)) == 0


def test_a_missing_factor_is_caught():
    def half(x):
        return float(x @ x), x

    with pytest.raises(AssertionError, match=r"relative error 3\.33e-01 exceeds 1e-06"):
        check_gradient(half, np.ones(2))
    assert check_gradient(half, np.ones(2), tolerance=0.34) == pytest.approx(1 / 3)


def test_a_transposed_matrix_is_caught():
    S = rng.standard_normal((3, 3))
    y = rng.standard_normal(3)
    assert check_gradient(lambda x: (float(y @ S @ x), S.T @ y), np.ones(3)) < 1e-9
    with pytest.raises(AssertionError, match="relative error"):
        check_gradient(lambda x: (float(y @ S @ x), S @ y), np.ones(3))


def test_the_worst_element_is_named():
    def wrong(X):
        gradient = 2 * X
        gradient[1, 0] += 0.01
        gradient[1, 2] = 1
        return float(np.sum(X**2)), gradient

    X = np.ones((2, 3))
    X[0, 1] = 5
    with pytest.raises(AssertionError, match=r"worst at \[1, 2\]: gradient 1, differences 2$"):
        check_gradient(wrong, X)


def squares(x):
    """Return 0.1 + sum of (x_i - 0.3)^2, computed in a way that rounds, and its gradient."""
    return 0.1 + float(np.sum(x * (x - 0.6) + 0.09)), 2 * (x - 0.3)


@pytest.mark.parametrize("size", [1e-3, 1, 1e3, 1e6])
@pytest.mark.parametrize("p", [1, 10, 100])
def test_a_right_gradient_passes_at_a_minimum_where_differences_show_rounding_only(size, p):
    def f(x):
        value, gradient = squares(x)
        return size * value, size * gradient

    for distance in (0, 1e-17, 1e-13, 1e-11):
        check_gradient(f, np.full(p, 0.3 + distance))


@pytest.mark.parametrize("size", [1e-3, 1, 1e3])
def test_a_wrong_gradient_is_caught_at_a_minimum(size):
    def f(x):
        value, gradient = squares(x)
        return size * value, size * (gradient + 1e-7)

    with pytest.raises(AssertionError, match="relative error 1"):
        check_gradient(f, np.full(3, 0.3))


SMOOTH = (identity, sigmoid, tanh, softplus, gelu)


def exact_fit(seed):
    """Return E of a random network whose outputs are the targets, and where that is so."""
    rng = np.random.default_rng(seed)
    n = [int(k) for k in rng.integers(1, 6, size=rng.integers(2, 5))]
    network = Network(n, [SMOOTH[k] for k in rng.integers(len(SMOOTH), size=len(n) - 1)])
    theta = random_normal(n, rng, scale=float(rng.uniform(0.3, 2)))
    X = rng.standard_normal((n[0], int(rng.integers(1, 8))))
    return network.objective(X, network(theta, X)), theta, rng


@pytest.mark.parametrize("seed", range(200))
def test_right_gradients_pass_at_an_exact_fit_and_near_it(seed):
    E, theta, rng = exact_fit(seed)
    assert E(theta)[0] == 0
    check_gradient(E, theta)
    direction = rng.standard_normal(theta.shape)
    for distance in (1e-14, 1e-11, 1e-9, 1e-7, 1e-5, 1e-3):
        check_gradient(E, theta + distance * direction)


@pytest.mark.parametrize("seed", range(50))
def test_a_gradient_off_by_a_thousandth_is_caught_near_an_exact_fit(seed):
    E, theta, rng = exact_fit(seed)

    def wrong(theta):
        value, gradient = E(theta)
        return value, 1.001 * gradient

    with pytest.raises(AssertionError, match="relative error"):
        check_gradient(wrong, theta + 1e-3 * rng.standard_normal(theta.shape))


def test_a_right_gradient_passes_where_what_is_left_of_f_is_far_from_0():
    """As in a regression of noise in units of its own: f is 5000, and its curvature is 1."""
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((2, 50)), 100 * rng.standard_normal((1, 50))
    E = Network((2, 1), (identity,)).objective(X, Y)
    W, b = linear_regression(X, Y)
    assert E(pack([EMPTY, W], [EMPTY, b]))[0] > 3000
    check_gradient(E, pack([EMPTY, W], [EMPTY, b]))


@pytest.mark.parametrize("constant", [0, 1e3, 1e6, 1e9])
def test_a_constant_lets_no_wrong_gradient_pass(constant):
    def f(x, factor):
        return constant + float(np.sum(np.sin(x))), factor * np.cos(x)

    for factor in (0, 0.5, 1.01, -1):
        with pytest.raises(AssertionError, match="relative error"):
            check_gradient(lambda x, factor=factor: f(x, factor), np.array([0.2, 0.5, 1.0]))
    if constant <= 1e3:
        check_gradient(lambda x: f(x, 1), np.array([0.2, 0.5, 1.0]))


def test_a_step_across_a_kink_is_no_excuse():
    with pytest.raises(AssertionError, match="relative error"):
        check_gradient(lambda x: (float(np.sum(np.abs(x))), np.sign(x)), np.array([1e-6, 1.0]))


def test_values_that_are_not_finite_are_no_excuse():
    def f(x):
        return (float(x @ x) if x[0] <= 1 else np.inf), 2 * x

    with pytest.raises(AssertionError, match="relative error"):
        check_gradient(f, np.ones(2))


def test_a_step_too_small_to_tell_is_no_excuse():
    with pytest.raises(AssertionError, match="relative error"):
        check_gradient(squares, np.ones(3), h=1e-13)


def test_f_may_write_every_gradient_into_the_same_array():
    buffer = np.empty(3)

    def f(x):
        buffer[:] = 2 * x
        return float(x @ x), buffer

    assert check_gradient(f, np.array([1.0, 2.0, 3.0])) < 1e-9


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_gradient_that_is_not_finite_is_caught(wrong):
    with pytest.raises(AssertionError, match=rf"worst at \[1\]: gradient {wrong}"):
        check_gradient(lambda x: (float(x @ x), np.array([2.0, wrong])), np.ones(2))


def test_float32_is_refused():
    with pytest.raises(ValueError, match=r"x has dtype float32; expected float64$"):
        check_gradient(lambda x: (float(x @ x), 2 * x), np.ones(2, np.float32))


def test_a_gradient_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"the gradient has shape \(2, 1\); expected \(2,\)"):
        check_gradient(lambda x: (float(x @ x), 2 * x.reshape(-1, 1)), np.ones(2))
