"""Chapter 5: gradient descent against closed forms, its step rules against plain loops."""

import copy
import dataclasses
import math
import pickle
from itertools import pairwise

import numpy as np
import pytest

from nnlib import Descent, adam, constant_step, gradient_descent, line_search, momentum

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
    assert np.array_equal(end, points[-1])
    return points


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


def test_constants_of_a_rule_may_be_numpy_scalars(dtype):
    half = np.float64(0.5)
    for make, count in ((momentum, 1), (adam, 3), (line_search, 2)):
        expected = gradient_descent(
            quadratic, START.astype(dtype), 0.05, 20, rule=make(*[0.5] * count)
        )
        x = gradient_descent(quadratic, START.astype(dtype), 0.05, 20, rule=make(*[half] * count))
        assert x.dtype == dtype
        assert np.array_equal(x, expected)


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


def test_the_callback_sees_k_x_value_and_gradient_at_every_point():
    calls = []
    end = gradient_descent(quadratic, START, 0.1, 5, callback=lambda *call: calls.append(call))
    assert [k for k, *_ in calls] == [0, 1, 2, 3, 4, 5]
    assert np.array_equal(calls[0][1], START)
    assert np.array_equal(calls[5][1], end)
    for _, x, value, gradient in calls:
        assert value == quadratic(x)[0]
        assert np.array_equal(gradient, quadratic(x)[1])


def test_without_a_callback_f_is_not_evaluated_at_the_end():
    seen = []
    gradient_descent(lambda x: seen.append(x) or quadratic(x), START, 0.1, 5)
    assert len(seen) == 5


@pytest.mark.parametrize("stop", [0, 3, 10])
def test_a_callback_that_raises_stop_iteration_ends_the_descent(stop):
    seen = []

    def callback(k, x, value, gradient):
        seen.append(k)
        if k == stop:
            raise StopIteration

    x = gradient_descent(quadratic, START, 0.1, 10, callback=callback)
    assert seen == [*range(stop + 1)]
    assert np.array_equal(x, gradient_descent(quadratic, START, 0.1, stop))


@pytest.mark.parametrize("returned", [True, 1, "stop", START, [1], StopIteration, StopIteration()])
def test_what_a_callback_returns_means_nothing(returned):
    x = gradient_descent(quadratic, START, 0.1, 5, callback=lambda *_: returned)
    assert np.array_equal(x, gradient_descent(quadratic, START, 0.1, 5))


class Empty(list):
    """A callback that is false, as an empty list is, until it is called."""

    def __call__(self, k, *_):
        self.append(k)


def test_a_callback_that_is_an_empty_list_is_called():
    callback = Empty()
    gradient_descent(quadratic, START, 0.1, 3, callback=callback)
    assert callback == [0, 1, 2, 3]


def test_batches_that_are_an_empty_list_are_too_few():
    with pytest.raises(ValueError, match="the batches ended after 0 of 3 steps"):
        gradient_descent(quadratic, START, 0.1, 3, batches=[])


@pytest.mark.parametrize("where", ["f", "rate", "rule"])
def test_stop_iteration_from_elsewhere_is_an_error(where):
    def exhausted(*_):
        return next(iter(()))

    arguments = {"f": quadratic, "rate": 0.1, "rule": constant_step} | {where: exhausted}
    with pytest.raises(StopIteration):
        gradient_descent(x=START, steps=5, **arguments)


def test_every_point_is_a_new_array(rule):
    points = []
    end = gradient_descent(
        quadratic, START, 0.05, 5, rule=rule, callback=lambda k, x, *_: points.append(x)
    )
    points = [START, *points, end]
    assert not any(
        np.shares_memory(points[k], points[j]) for k in range(len(points)) for j in range(k)
    )


def in_one_buffer(f):
    """Return f, whose gradients are all written into the same array."""
    buffer = np.empty(3)

    def f_with_buffer(x):
        value, buffer[:] = f(x)
        return value, buffer

    return f_with_buffer


@pytest.mark.parametrize("rate", [0.05, 1.0])
def test_f_may_write_every_gradient_into_the_same_array(rule, rate):
    expected = gradient_descent(quadratic, START, rate, 5, rule=rule)
    x = gradient_descent(in_one_buffer(quadratic), START, rate, 5, rule=rule)
    assert np.array_equal(x, expected)


def test_the_gradient_may_be_x_itself(rule):
    expected = gradient_descent(lambda x: (0.5 * float(x @ x), 1 * x), START, 0.1, 5, rule=rule)
    x = gradient_descent(lambda x: (0.5 * float(x @ x), x), START, 0.1, 5, rule=rule)
    assert np.array_equal(x, expected)


def in_place(f, x, value, gradient, rate, state):
    """Be a rule that changes the x that it is given."""
    x -= rate * gradient
    return x, state


def into_the_gradient(f, x, value, gradient, rate, state):
    """Be a rule that writes the next x into the gradient that it is given."""
    return np.subtract(x, rate * gradient, out=gradient), state


@pytest.mark.parametrize("rule", [in_place, into_the_gradient])
def test_a_rule_that_returns_no_new_array_is_refused(rule):
    with pytest.raises(
        ValueError, match="in the memory of the x or gradient it was given; expected"
    ):
        gradient_descent(quadratic, START, 0.1, 3, rule=rule)


@pytest.mark.parametrize("result", [None, START - 1, START[:2] - 1, [START - 1, None]])
def test_a_rule_that_returns_no_pair_is_refused(result):
    with pytest.raises(ValueError, match=r"the result of the rule is .*; expected \(x, state\)"):
        gradient_descent(quadratic, START, 0.1, 3, rule=lambda *_: result)


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


def test_after_the_last_step_the_callback_sees_f_on_the_last_batch_once_more():
    values = []
    x = gradient_descent(
        lambda x, a: (a * float(x @ x), 2 * a * x),
        START,
        0.1,
        2,
        batches=[(1,), (2,), (3,)],
        callback=lambda k, x, value, gradient: values.append(value),
    )
    assert len(values) == 3
    assert values[2] == 2 * float(x @ x)


def test_no_batch_is_taken_that_no_step_needs():
    batches = iter([(1,), (2,), (3,)])
    gradient_descent(lambda x, a: (float(x @ x), a * x), START, 0.1, 2, batches=batches)
    assert next(batches) == (3,)


def test_too_few_batches_are_refused():
    with pytest.raises(ValueError, match="the batches ended after 2 of 5 steps"):
        gradient_descent(lambda x, a: quadratic(x), START, 0.1, 5, batches=[(1,), (2,)])


def schedule(k):
    return 0.5 / (k + 1)


def batch_of(k):
    return (0.5 + k % 3,)


def weighted(x, weight):
    value, gradient = quadratic(x)
    return weight * value, weight * gradient


@pytest.mark.parametrize("parts", [(5, 5), (0, 10), (1, 2, 3, 4), (9, 1)])
def test_a_descent_in_parts_is_the_same_as_at_once(rule, parts):
    options = {"f": weighted, "rate": schedule, "rule": rule}
    at_once = gradient_descent(x=START, steps=10, batches=map(batch_of, range(10)), **options)
    descent, batches, seen = Descent(START), map(batch_of, range(10)), []
    for steps in parts:
        x = gradient_descent(
            x=descent,
            steps=steps,
            batches=batches,
            callback=lambda k, x, *_: seen.append((k, x)),
            **options,
        )
    assert np.array_equal(x, at_once)
    assert np.array_equal(descent.x, at_once)
    assert descent.k == 10
    assert sorted({k for k, _ in seen}) == [*range(11)]
    expected = path(weighted, START, schedule, 10, rule=rule, batches=map(batch_of, range(10)))
    assert all(np.array_equal(x, expected[k]) for k, x in seen)


def test_a_descent_is_not_changed_through_arrays_that_others_have():
    start = START.copy()
    descent, kept = Descent(start), []
    start[:] = 0
    assert np.array_equal(descent.x, START)
    x = gradient_descent(quadratic, descent, 0.1, 3, callback=lambda k, x, *_: kept.append(x))
    x[:] = 0
    assert np.array_equal(descent.x, kept[-1])
    assert np.array_equal(descent.x, gradient_descent(quadratic, START, 0.1, 3))


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, dataclasses.replace, lambda d: pickle.loads(pickle.dumps(d))],
)
def test_a_descent_can_be_copied_and_stored(rule, again):
    descent = Descent(START)
    gradient_descent(quadratic, descent, 0.05, 5, rule=rule)
    copied = again(descent)
    ends = [gradient_descent(quadratic, d, 0.05, 5, rule=rule) for d in (descent, copied)]
    assert np.array_equal(*ends)
    assert (copied.k, type(copied)) == (10, Descent)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Descent([1.0]), "x is a list; expected a NumPy array"),
        (lambda: Descent(START, k=-1), "k is -1; expected an integer of at least 0"),
    ],
)
def test_a_descent_refuses_what_is_no_point_or_count(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def failing(function, error):
    """Return the function, which raises an error when it is called for the fifth time."""
    count = iter(range(4))

    def fails(*arguments):
        if next(count, None) is None:
            raise error
        return function(*arguments)

    return fails


def go_on(k, x, value, gradient):
    """Be a callback that does nothing."""


def below_2(x, value, gradient):
    """Return what quadratic returns, but another value or gradient where x_1 is below 2."""
    return quadratic(x) if x[0] >= 2 else (value, gradient)


WHAT_ENDS_A_DESCENT = {
    "f raises": lambda: {"f": failing(quadratic, ZeroDivisionError("f"))},
    "Ctrl-C": lambda: {"f": failing(quadratic, KeyboardInterrupt())},
    "a value is infinite": lambda: {"f": lambda x: below_2(x, np.inf, x)},
    "a gradient is NaN": lambda: {"f": lambda x: below_2(x, 1.0, np.nan * x)},
    "a gradient has another shape": lambda: {"f": lambda x: below_2(x, 1.0, x[:2])},
    "rate raises": lambda: {"rate": failing(schedule, ZeroDivisionError("rate"))},
    "a rate is negative": lambda: {"rate": lambda k: schedule(k) if k < 4 else -1},
    "the rule raises": lambda: {"rule": failing(adam(), ZeroDivisionError("rule"))},
    "the callback raises": lambda: {"callback": failing(go_on, ZeroDivisionError("callback"))},
    "the batches end": lambda: {"batches": [()] * 4},
    "a batch is no tuple": lambda: {"batches": [()] * 4 + [3]},
    "the batches raise": lambda: {"batches": iter(failing(tuple, OSError("batches")), None)},
}


@pytest.mark.parametrize("given", [np.array, Descent])
@pytest.mark.parametrize("event", WHAT_ENDS_A_DESCENT)
def test_after_every_exception_the_descent_can_go_on(event, given):
    good = {"f": quadratic, "rate": schedule, "rule": adam()}
    start = given(START)
    with pytest.raises(BaseException, match=r"at step .* of 10; sys\.last_value\.x") as info:
        gradient_descent(x=start, steps=10, **(good | WHAT_ENDS_A_DESCENT[event]()))
    descent = info.value.descent
    assert descent.k in range(1, 10)
    assert np.array_equal(info.value.x, descent.x)
    assert not np.shares_memory(info.value.x, START)
    assert (start is descent) == (given is Descent)
    at_once = gradient_descent(x=START, steps=10, **good)
    assert np.array_equal(gradient_descent(x=descent, steps=10 - descent.k, **good), at_once)


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
