"""Chapter 5: gradient descent against closed forms, its step rules against plain loops."""

import math
from itertools import pairwise

import numpy as np
import pytest

from nnlib import adam, constant_step, gradient_descent, line_search, momentum

CURVATURES = np.array([0.5, 1.0, 4.0])
START = np.array([3.0, -2.0, 1.0])
VALLEY = np.array([-1.2, 1.0])
for x in (CURVATURES, START, VALLEY):
    x.flags.writeable = False  # so that a descent that changed its start would fail


def quadratic(x):
    """Return 1/2 sum of lambda_i x_i^2, and its gradient."""
    curvatures = CURVATURES.astype(x.dtype)
    return 0.5 * float(curvatures @ x**2), curvatures * x


def rosenbrock(x):
    """Return Rosenbrock's function, a curved valley, and its gradient."""
    u, v = 1 - x[0], x[1] - x[0] ** 2
    return float(u**2 + 100 * v**2), np.array([-2 * u - 400 * x[0] * v, 200 * v])


def path(f, x, rate, steps, **options):
    """Return the points x^0, ..., x^steps that gradient descent visits."""
    points = []
    end = gradient_descent(f, x, rate, steps, callback=lambda k, x, *_: points.append(x), **options)
    return [*points, end]


RULES = {
    "constant_step": constant_step,
    "momentum": momentum(),
    "adam": adam(),
    "line_search": line_search(),
}


@pytest.fixture(params=RULES)
def rule(request):
    """Each step rule in turn."""
    return RULES[request.param]


def test_a_quadratic_shrinks_by_1_minus_gamma_lambda_a_step():
    for k, x in enumerate(path(quadratic, START, rate=0.3, steps=40)):
        assert x == pytest.approx((1 - 0.3 * CURVATURES) ** k * START, rel=1e-12)


def test_the_rate_may_be_a_function_of_k():
    x = gradient_descent(quadratic, START, lambda k: 0.4 / (k + 1), steps=3)
    factors = [1 - rate * CURVATURES for rate in (0.4, 0.2, 0.4 / 3)]
    assert x == pytest.approx(np.prod(factors, axis=0) * START, rel=1e-12)


def test_momentum_keeps_a_share_of_the_last_step():
    points = path(rosenbrock, VALLEY, 1e-3, 100, rule=momentum(0.8))
    expected = [VALLEY, VALLEY - 1e-3 * rosenbrock(VALLEY)[1]]
    for _ in range(99):
        before, x = expected[-2:]
        expected.append(x + 0.8 * (x - before) - 1e-3 * rosenbrock(x)[1])
    assert np.array(points) == pytest.approx(np.array(expected), rel=1e-9)


def test_momentum_0_is_plain_descent():
    plain = gradient_descent(rosenbrock, VALLEY, 1e-3, 100)
    assert np.array_equal(gradient_descent(rosenbrock, VALLEY, 1e-3, 100, rule=momentum(0)), plain)


def test_adam_divides_weighted_means_of_all_gradients():
    beta1, beta2, epsilon, rate = 0.8, 0.99, 1e-3, 0.05
    points = path(rosenbrock, VALLEY, rate, 100, rule=adam(beta1, beta2, epsilon))
    gradients = [rosenbrock(x)[1] for x in points[:-1]]
    for k in range(1, 101):
        u = _weighted_mean(gradients[:k], beta1)
        v = _weighted_mean([gradient**2 for gradient in gradients[:k]], beta2)
        expected = points[k - 1] - rate * u / (np.sqrt(v) + epsilon)
        assert points[k] == pytest.approx(expected, rel=1e-12)


def _weighted_mean(values, beta):
    """Return the mean of the values, each weighing beta times what the next one weighs."""
    weights = [beta**age for age in reversed(range(len(values)))]
    total = sum(weight * value for weight, value in zip(weights, values, strict=True))
    return total / sum(weights)


@pytest.mark.parametrize(("shrink", "slope"), [(0.5, 1e-4), (0.8, 0.3)])
def test_line_search_takes_the_first_rate_that_armijo_accepts(shrink, slope):
    def accepts(x, gamma):
        value, gradient = rosenbrock(x)
        promise = value - slope * gamma * float(gradient @ gradient)
        return rosenbrock(x - gamma * gradient)[0] <= promise

    rule = line_search(shrink, slope)
    for x, x_next in pairwise(path(rosenbrock, VALLEY, rate=1.0, steps=50, rule=rule)):
        gradient = rosenbrock(x)[1]
        gamma = float(np.linalg.norm(x - x_next) / np.linalg.norm(gradient))
        tries = round(math.log(gamma, shrink))
        assert x_next == pytest.approx(x - shrink**tries * gradient, rel=1e-12)
        assert accepts(x, shrink**tries)
        assert not any(accepts(x, shrink**k) for k in range(tries))
        assert rosenbrock(x_next)[0] < rosenbrock(x)[0]


@pytest.mark.parametrize(
    ("by_default", "spelled_out"),
    [
        (momentum(), momentum(0.9)),
        (adam(), adam(beta1=0.9, beta2=0.999, epsilon=1e-8)),
        (line_search(), line_search(shrink=0.5, slope=1e-4)),
    ],
)
def test_constants_have_their_usual_values_by_default(by_default, spelled_out):
    expected = gradient_descent(rosenbrock, VALLEY, 1e-3, 100, rule=spelled_out)
    assert np.array_equal(
        gradient_descent(rosenbrock, VALLEY, 1e-3, 100, rule=by_default), expected
    )


def test_line_search_stays_where_no_step_goes_down():
    def wrong(x):
        return float(x @ x), -2 * x  # uphill

    assert np.array_equal(gradient_descent(wrong, START, 1.0, 2, rule=line_search()), START)


def test_line_search_walks_back_to_where_f_is_finite():
    def with_a_wall(x):
        return (float(x @ x) if np.all(np.abs(x) <= 3) else np.nan), 2 * x

    x = gradient_descent(with_a_wall, START, 100.0, 1, rule=line_search())
    assert 0 < with_a_wall(x)[0] < with_a_wall(START)[0]


def test_every_rule_goes_down(rule):
    x = gradient_descent(quadratic, START, 0.05, 200, rule=rule)
    assert quadratic(x)[0] < 0.01 * quadratic(START)[0]


def test_every_rule_keeps_the_dtype_even_if_the_rate_is_a_numpy_scalar(rule, dtype, eps):
    rates = (0.05, np.float64(0.05), lambda k: np.float64(0.05))
    ends = [gradient_descent(quadratic, START.astype(dtype), r, 20, rule=rule) for r in rates]
    assert all(x.dtype == dtype for x in ends)
    assert all(np.array_equal(x, ends[0]) for x in ends)
    expected = gradient_descent(quadratic, START, 0.05, 20, rule=rule)
    assert ends[0] == pytest.approx(expected, abs=100 * eps)


def test_a_rule_can_be_used_for_two_descents(rule):
    first, second = (gradient_descent(quadratic, START, 0.05, 20, rule=rule) for _ in range(2))
    assert np.array_equal(first, second)


def test_a_rule_may_be_any_function():
    def sign_step(f, x, value, gradient, rate, state):
        steps = (state or 0) + 1
        return x - rate / steps * np.sign(gradient), steps

    assert gradient_descent(quadratic, START, 0.6, 3, rule=sign_step) == pytest.approx(
        START - 0.6 * (1 + 1 / 2 + 1 / 3) * np.sign(START)
    )


def test_the_point_may_have_any_shape_and_layout(rule, layout, same):
    matrix = np.arange(1.0, 7.0).reshape(2, 3)

    def f(x):
        return 0.5 * float(np.sum(x**2)), x

    expected = gradient_descent(f, matrix.ravel(), 0.1, 10, rule=rule).reshape(2, 3)
    assert same(gradient_descent(f, layout(matrix), 0.1, 10, rule=rule), expected)


def test_the_callback_sees_k_x_value_and_gradient_before_every_step():
    calls = []
    gradient_descent(quadratic, START, 0.1, 5, callback=lambda *call: calls.append(call))
    assert [k for k, *_ in calls] == [0, 1, 2, 3, 4]
    assert np.array_equal(calls[0][1], START)
    for _, x, value, gradient in calls:
        assert value == quadratic(x)[0]
        assert np.array_equal(gradient, quadratic(x)[1])


def test_the_callback_stops_the_descent():
    calls = []

    def stop(k, x, value, gradient):
        calls.append(x)
        return k == 3

    x = gradient_descent(quadratic, START, 0.1, 100, callback=stop)
    assert len(calls) == 4
    assert np.array_equal(x, calls[3])
    assert np.array_equal(x, gradient_descent(quadratic, START, 0.1, 3))


def test_every_point_is_a_new_array(rule):
    points = [START, *path(quadratic, START, 0.05, 5, rule=rule)]
    assert not any(np.shares_memory(x, x_next) for x, x_next in pairwise(points))


def test_0_steps_return_a_copy_without_a_call_of_f():
    x = gradient_descent(pytest.fail, START, 0.1, 0)
    assert np.array_equal(x, START)
    assert not np.shares_memory(x, START)


def test_batches_are_passed_to_f_in_order(rule):
    seen = []

    def f(x, a, b):
        seen.append((a, b))
        return quadratic(x)

    gradient_descent(f, START, 0.05, 3, rule=rule, batches=iter([(0, "a"), (1, "b"), (2, "c")]))
    assert list(dict.fromkeys(seen)) == [(0, "a"), (1, "b"), (2, "c")]
    assert seen == sorted(seen)  # a line search stays with the batch of its step


def test_no_batch_is_taken_that_no_step_needs():
    batches = iter([(1,), (2,), (3,)])
    gradient_descent(lambda x, a: (float(x @ x), a * x), START, 0.1, 2, batches=batches)
    assert next(batches) == (3,)


def test_too_few_batches_are_refused():
    with pytest.raises(ValueError, match="the batches ended after 2 of 5 steps"):
        gradient_descent(lambda x, a: quadratic(x), START, 0.1, 5, batches=[(1,), (2,)])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_stops_the_descent_and_names_the_step(bad):
    calls = []

    def f(x):
        calls.append(x)
        return (bad if len(calls) == 4 else 1.0), x

    with pytest.raises(FloatingPointError, match=f"the value is {bad} at step 3; a smaller rate"):
        gradient_descent(f, START, 0.1, 10)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_stops_every_rule(rule, bad):
    with pytest.raises(FloatingPointError, match="the gradient is not finite at step 0"):
        gradient_descent(lambda x: (1.0, bad * x), START, 0.1, 10, rule=rule)


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_last_point_that_is_not_finite_is_not_returned():
    with pytest.raises(FloatingPointError, match="x is not finite after 2 steps; a smaller rate"):
        gradient_descent(lambda x: (1.0, -1e300 * np.ones(3)), START, 1e8, 2)


def test_a_rate_too_large_for_the_curvature_ends_in_an_error():
    with (
        pytest.raises(FloatingPointError, match="at step"),
        np.errstate(over="ignore"),
    ):
        gradient_descent(quadratic, START, 0.6, 10_000)


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (np.ones((3, 1)), r"the gradient has shape \(3, 1\); expected \(3,\)"),
        (np.ones(3, np.float32), r"dtypes are x float64, the gradient float32; expected the same"),
        ([1.0, 1.0, 1.0], "the gradient is a list; expected a NumPy array"),
        (1.0, "the gradient is a float; expected a NumPy array"),
    ],
)
def test_a_gradient_unlike_x_is_refused(gradient, words):
    with pytest.raises(ValueError, match=words):
        gradient_descent(lambda x: (1.0, gradient), START, 0.1, 1)


@pytest.mark.parametrize("rate", [0, -0.1, np.nan, np.inf, np.ones(3)])
def test_a_rate_that_is_not_positive_is_refused(rate):
    with pytest.raises(ValueError, match=r"rate is .*; expected a finite number above 0"):
        gradient_descent(quadratic, START, rate, 1)
    with pytest.raises(ValueError, match=r"rate\(2\) is .*; expected a finite number above 0"):
        gradient_descent(quadratic, START, lambda k: rate if k == 2 else 0.1, 3)


@pytest.mark.parametrize("steps", [-1, 2.5, np.nan, np.inf, True])
def test_a_number_of_steps_that_is_no_count_is_refused(steps):
    with pytest.raises(ValueError, match=f"steps is {steps}; expected an integer of at least 0"):
        gradient_descent(quadratic, START, 0.1, steps)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ([1.0, 2.0, 3.0], "x is a list; expected a NumPy array"),
        (np.array([1, 2, 3]), r"x has dtype int64; .*x\.astype\(np\.float64\)\?"),
    ],
)
def test_a_start_that_is_no_float_array_is_refused(x, words):
    with pytest.raises(ValueError, match=words):
        gradient_descent(quadratic, x, 0.1, 1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: momentum(1), "beta is 1; expected a number from 0 to below 1"),
        (lambda: momentum(-0.1), "beta is -0.1"),
        (lambda: momentum(np.nan), "beta is nan"),
        (lambda: adam(beta1=1.0), "beta1 is 1.0; expected a number from 0 to below 1"),
        (lambda: adam(beta2=-1), "beta2 is -1"),
        (lambda: adam(epsilon=0), "epsilon is 0; expected a finite number above 0"),
        (lambda: line_search(shrink=0), "shrink is 0.0; expected a finite number above 0"),
        (lambda: line_search(shrink=1), "shrink is 1; expected a number from 0 to below 1"),
        (lambda: line_search(slope=1), "slope is 1; expected a number from 0 to below 1"),
    ],
)
def test_a_rule_refuses_bad_constants(make, words):
    with pytest.raises(ValueError, match=words):
        make()
