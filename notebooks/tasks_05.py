"""The tasks of chapter 5: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from checking import Function, Task
from tasks_shared import polynomial, single

# A step of gradient descent, a whole walk, differences, k steps at once, momentum, line search


def slanted(x: Any) -> tuple[float, Any]:
    """Return a quadratic in two variables and its gradient."""
    H = np.array([[4.0, 1.5], [1.5, 1.0]], dtype=x.dtype)
    return float(x @ H @ x) / 2, H @ x


def wavy(x: Any) -> tuple[float, Any]:
    """Return a function with many valleys, of any number of variables, and its gradient."""
    value = float(np.sum(np.sin(x) + x**2 / 8)) + 3.0
    return value, np.cos(x) + x / 4


def step_cases() -> Iterator[tuple[Any, ...]]:
    """Yield functions, points and learning rates."""
    rng = np.random.default_rng(5)
    for k in range(8):
        yield slanted, rng.normal(size=2), 0.1 + 0.05 * k
        yield wavy, rng.normal(size=rng.integers(1, 6)), 0.7 - 0.08 * k
    yield single((wavy, rng.normal(size=3), 0.25))
    yield slanted, np.array([8.0, -4.0]), 0.25


def step_by_elements(f: Any, x: Any, rate: float) -> Any:
    """Return the next point, rounded once from exact products and differences."""
    gradient = f(x)[1]
    return np.array(
        [
            float(Fraction(x_i) - Fraction(rate) * Fraction(slope))
            for x_i, slope in zip(
                x.tolist(), gradient.astype(float).tolist(), strict=True
            )
        ]
    )


def step_model(
    f: Any,
    x: Any,
    rate: float,
    slope: Function = lambda value, gradient: gradient,
    move: Function = lambda x, rate, slope: x - rate * slope,
) -> Any:
    """Return the next point; the keywords are the places for mistakes."""
    return move(x, rate, slope(*f(x)))


STEP = Task(
    arguments="f, x, rate",
    returns="x",
    cases=step_cases,
    right=step_by_elements,
    passed="From {} points, the step agrees with exact arithmetic to ten digits.",
    model=step_model,
    mistakes={
        "slope": {
            "The step is made from the value of f; expected its gradient, the second of the two "
            "that f returns.": lambda value, gradient: value,
            "The gradient is divided by its length; expected it as it is, so that steps get "
            "shorter where the slope does.": (
                lambda value, gradient: gradient / np.linalg.norm(gradient)
            ),
            "Only the signs of the gradient are used; expected its elements.": (
                lambda value, gradient: np.sign(gradient)
            ),
        },
        "move": {
            "The step goes uphill: the gradient points up. Expected a minus.": (
                lambda x, rate, slope: x + rate * slope
            ),
            "The learning rate is missing.": lambda x, rate, slope: x - slope,
            "The learning rate divides the gradient; expected a product.": (
                lambda x, rate, slope: x - slope / rate
            ),
            "That is the step alone; expected the point where it leads, x - rate * gradient.": (
                lambda x, rate, slope: rate * slope
            ),
            "That is the step alone; expected the point where it leads: x is missing.": (
                lambda x, rate, slope: -rate * slope
            ),
            "x is multiplied by the learning rate too: where are the brackets?": (
                lambda x, rate, slope: rate * (x - slope)
            ),
            "x does not move.": lambda x, rate, slope: x,
        },
    },
)


def descend_cases() -> Iterator[tuple[Any, ...]]:
    """Yield functions, starts, learning rates and numbers of steps."""
    rng = np.random.default_rng(51)
    for k in range(6):
        yield slanted, rng.normal(size=2), 0.1 + 0.05 * k, 3 + k
        yield wavy, rng.normal(size=rng.integers(1, 5)), 0.6 - 0.08 * k, 2 + k
    yield slanted, np.array([1.0, 2.0]), 0.3, 1
    yield single((wavy, rng.normal(size=3), 0.25, 3))


def descend_by_elements(f: Any, x: Any, rate: float, steps: int) -> Any:
    """Return all points, each rounded once from the exact step that leads to it."""
    path = [x]
    for _ in range(steps):
        path.append(step_by_elements(f, path[-1], rate))
    return np.array(path)


def descend_model(
    f: Any,
    x: Any,
    rate: float,
    steps: int,
    slope: Function = lambda value, gradient: gradient,
    move: Function = lambda x, rate, slope: x - rate * slope,
    count: Function = lambda steps: steps,
    base: Function = lambda start, now: (now, now),
    kept: Function = lambda points: points,
) -> Any:
    """Return all points; the keywords are the places for mistakes."""
    points = [x]
    for _ in range(count(steps)):
        here, felt = base(x, points[-1])
        points.append(move(here, rate, slope(*f(felt))))
    return np.array(kept(points))


DESCEND = Task(
    arguments="f, x, rate, steps",
    returns="path",
    cases=descend_cases,
    right=descend_by_elements,
    passed="On {} walks, all points agree with steps in exact arithmetic to ten digits.",
    model=descend_model,
    mistakes={
        **STEP.mistakes,
        "count": {
            "A walk of `steps` steps has steps + 1 points, x^0 and the last one among them; here "
            "the last is missing.": lambda steps: steps - 1,
            "That is one step too many.": lambda steps: steps + 1,
            "That is a single step: is the return inside the loop?": lambda steps: (
                1
            ),
        },
        "base": {
            "Every step is the first one again: does it start where the one before has led?": (
                lambda start, now: (start, start)
            ),
            "The gradient is that of the start in every step: call f in the loop, at the point "
            "where you are.": lambda start, now: (now, start),
            "Every step is subtracted from x^0; expected the point where you are.": (
                lambda start, now: (start, now)
            ),
        },
        "kept": {
            "The start is missing: the first row is x^0.": lambda points: (
                points[1:]
            ),
            "That is the last point alone; expected all of them, as rows.": (
                lambda points: points[-1]
            ),
            "The points are columns; expected rows.": lambda points: (
                np.transpose(points)
            ),
            "All rows are the last point, for the list holds one array many times. x -= y writes "
            "into the array x; x = x - y makes a new one.": lambda points: (
                [points[-1]] * len(points)
            ),
        },
    },
)


def differences_cases() -> Iterator[tuple[Any, ...]]:
    """Yield functions, points and h for which all differences are exact."""
    points = [[1, 2, -1], [2, -1], [-3, 1, 2, 2], [1, 3, 0]]
    for x, h in zip(points, [1 / 8, 1 / 1024, 1 / 64, 1 / 16], strict=True):
        yield cubic, np.array(x, dtype=float), h
    yield single((cubic, np.array([1.0, 2, -1]), 1 / 8))


def cubic(x: Any) -> float:
    """Return the sum of k x[k]^3, and x[0] x[1]^3 more."""
    return float(polynomial(1.0)(x)[0])


def differences_by_taylor(G: Any, x: Any, h: float) -> Any:
    """Return the derivatives of the cubic, and h^2 times the sixth part of the third ones."""
    sixth = np.arange(len(x), dtype=float)
    sixth[1] += x[0]
    return polynomial(1.0)(x)[1] + h**2 * sixth


def differences_model(
    G: Any,
    x: Any,
    h: float,
    quotient: Function = lambda G, x, e, h: (G(x + e) - G(x - e)) / (2 * h),
) -> Any:
    """Return the differences; the keyword is the place for mistakes."""
    return np.array([quotient(G, x, e, h) for e in h * np.eye(len(x))])


DIFFERENCES = Task(
    arguments="G, x, h",
    returns="gradient",
    cases=differences_cases,
    right=differences_by_taylor,
    passed="At {} points, the differences agree with Taylor's formula, deviation and all, to ten "
    "digits.",
    model=differences_model,
    mistakes={
        "quotient": {
            "The differences go to one side only, from x to x + h; their deviation shrinks like h, "
            "not like h^2. Expected x + h and x - h.": (
                lambda G, x, e, h: (G(x + e) - G(x)) / h
            ),
            "The differences go to one side only, from x - h to x; their deviation shrinks like h, "
            "not like h^2. Expected x + h and x - h.": (
                lambda G, x, e, h: (G(x) - G(x - e)) / h
            ),
            "The differences go from x to x + h only, and are divided by 2h; expected x + h and "
            "x - h.": lambda G, x, e, h: (G(x + e) - G(x)) / (2 * h),
            "The differences have the wrong sign: the value at x + h comes first.": (
                lambda G, x, e, h: (G(x - e) - G(x + e)) / (2 * h)
            ),
            "The points x + h and x - h are 2h apart; here the difference is divided by h.": (
                lambda G, x, e, h: (G(x + e) - G(x - e)) / h
            ),
            "The difference is divided by 2, not by 2h.": (
                lambda G, x, e, h: (G(x + e) - G(x - e)) / 2
            ),
            "u / 2 * h divides by 2 and multiplies by h; expected u / (2 * h).": (
                lambda G, x, e, h: (G(x + e) - G(x - e)) / 2 * h
            ),
            "The difference is not divided by 2h.": (
                lambda G, x, e, h: G(x + e) - G(x - e)
            ),
            "All elements of x move at once; expected one at a time.": (
                lambda G, x, e, h: (G(x + h) - G(x - h)) / (2 * h)
            ),
            "A point is 1 away, not h: is e_i multiplied by h?": (
                lambda G, x, e, h: (G(x + e / h) - G(x - e / h)) / (2 * h)
            ),
        },
    },
    remarks={
        "(At a point of integers, such as np.array([1, 2]), it goes wrong: empty_like(x), "
        "zeros_like(x) and x.copy() are integers too, which lose what comes after the point. "
        "np.zeros(len(x)) holds floats.)": lambda function: takes_integers(
            function
        ),
    },
)


def takes_integers(function: Function) -> bool:
    """Return whether the differences are right at a point of integers too."""
    G, x, h = next(differences_cases())
    try:
        gradient = function(G, x.astype(int), h)
    except Exception:
        return False
    return np.allclose(gradient, differences_by_taylor(G, x, h))


def shortcut_cases() -> Iterator[tuple[Any, ...]]:
    """Yield matrices of long valleys, points, learning rates and numbers of steps."""
    rng = np.random.default_rng(51)
    for k in range(10):
        n = 2 + k % 4
        turned = np.linalg.qr(rng.normal(size=(n, n)))[0]
        lam = rng.uniform(0.5, 4, size=n)
        H = turned @ np.diag(lam) @ turned.T
        yield (H + H.T) / 2, rng.normal(size=n), 0.1 + 0.03 * k, 3 + k
    yield np.array([[4.0, 1.5], [1.5, 1.0]]), np.array([1.0, 2.0]), 0.25, 0
    # A negative factor, and k is odd: the walk changes sides.
    yield np.array([[4.0, 1.5], [1.5, 1.0]]), np.array([1.0, 2.0]), 0.4, 3
    yield single(
        (np.array([[4.0, 1.5], [1.5, 1.0]]), np.array([1.0, 2.0]), 0.25, 4)
    )


def shortcut_by_steps(H: Any, x: Any, rate: float, k: int) -> Any:
    """Return x^k, one step after the other."""
    for _ in range(k):
        x = x - rate * (H @ x)
    return x


def shortcut_model(
    H: Any,
    x: Any,
    rate: float,
    k: int,
    columns: Function = lambda Q: Q,
    numbers: Function = lambda Q, x: Q.T @ x,
    factors: Function = lambda rate, lam, k: (1 - rate * lam) ** k,
    back: Function = lambda Q, c: Q @ c,
) -> Any:
    """Return x^k by (5.16); the keywords are the places for mistakes."""
    lam, Q = np.linalg.eigh(H)
    Q = columns(Q)
    return back(Q, factors(rate, lam, k) * numbers(Q, x))


SHORTCUT = Task(
    arguments="H, x, rate, k",
    returns="x",
    cases=shortcut_cases,
    right=shortcut_by_steps,
    passed="In {} valleys you land where the walk lands after k steps, to ten digits.",
    model=shortcut_model,
    mistakes={
        "columns": {
            "eigh returns the eigenvectors as columns; here the rows are taken.": (
                lambda Q: Q.T
            ),
        },
        "factors": {
            "Each number gets its factor once; expected k times: (1 - rate * lam)**k.": (
                lambda rate, lam, k: 1 - rate * lam
            ),
            "k multiplies the factor; expected it as a power, (1 - rate * lam)**k.": (
                lambda rate, lam, k: k * (1 - rate * lam)
            ),
            "1 - u**k is not (1 - u)**k: brackets?": lambda rate, lam, k: (
                1 - (rate * lam) ** k
            ),
            "The eigenvalues are missing in the factors 1 - rate * lam.": (
                lambda rate, lam, k: (1 - rate) ** k
            ),
            "The factors are 1 + rate * lam; a step goes against the slope.": (
                lambda rate, lam, k: (1 + rate * lam) ** k
            ),
            "A factor 1 - rate * lam may be negative, and then the walk changes sides; here the "
            "factors have lost their signs.": lambda rate, lam, k: (
                np.abs(1 - rate * lam) ** k
            ),
            "That is one step too many.": lambda rate, lam, k: (
                (1 - rate * lam) ** (k + 1)
            ),
        },
        "numbers": {
            "The factors multiply the elements of x; they belong to the numbers q_i^T x, which "
            "are Q.T @ x.": lambda Q, x: x,
            "The numbers q_i^T x are Q.T @ x; here they are Q @ x.": (
                lambda Q, x: Q @ x
            ),
        },
        "back": {
            "Those are the numbers q_i^T x^k. The point is the sum of each times its q_i, Q @ "
            "numbers.": lambda Q, c: c,
            "The way back from the numbers to the point is Q @ numbers; here it is Q.T @ numbers.": (
                lambda Q, c: Q.T @ c
            ),
        },
    },
)


def momentum_cases() -> Iterator[tuple[Any, ...]]:
    """Yield functions, starts, learning rates, shares beta and numbers of steps."""
    rng = np.random.default_rng(50)
    for k in range(6):
        yield slanted, rng.normal(size=2), 0.2, 0.3 + 0.1 * k, 3 + k
        x = rng.normal(size=rng.integers(1, 5))
        yield wavy, x, 0.3, 0.8 - 0.1 * k, 2 + k
    yield slanted, np.array([1.0, 2.0]), 0.3, 0.0, 4
    yield slanted, np.array([1.0, 2.0]), 0.3, 0.5, 1
    yield single((wavy, rng.normal(size=3), 0.25, 0.5, 3))


def momentum_by_points(
    f: Any, x: Any, rate: float, beta: float, steps: int
) -> Any:
    """Return the last point by equation (5.20), which knows no velocity."""
    before = x
    for _ in range(steps):
        pushed = x - rate * f(x)[1]
        before, x = x, pushed + beta * (x - before)
    return x


def momentum_model(
    f: Any,
    x: Any,
    rate: float,
    beta: float,
    steps: int,
    first: Function = lambda gradient: 0 * gradient,
    at: Function = lambda x, rate, beta, v: x,
    velocity: Function = lambda beta, v, gradient: beta * v + gradient,
    moved_by: Function = lambda v, old: v,
    move: Function = lambda x, rate, v: x - rate * v,
    count: Function = lambda steps: steps,
) -> Any:
    """Return the last point; the keywords are the places for mistakes."""
    v = first(f(x)[1])
    for _ in range(count(steps)):
        gradient = f(at(x, rate, beta, v))[1]
        old, v = v, velocity(beta, v, gradient)
        x = move(x, rate, moved_by(v, old))
    return x


MOMENTUM = Task(
    arguments="f, x, rate, beta, steps",
    returns="x",
    cases=momentum_cases,
    right=momentum_by_points,
    passed="On {} walks, the last point agrees to ten digits with (5.20), computed without a velocity.",
    model=momentum_model,
    mistakes={
        "velocity": {
            "That is plain gradient descent: is v set back to 0 in every step, or the old v left "
            "out?": lambda beta, v, gradient: gradient,
            "The gradient is multiplied by 1 - beta, which makes v a mean, as other books have it. "
            "Here v = beta * v + gradient.": (
                lambda beta, v, gradient: beta * v + (1 - beta) * gradient
            ),
            "The velocity does not fade: where is beta?": (
                lambda beta, v, gradient: v + gradient
            ),
            "beta multiplies the gradient; expected it with the old velocity.": (
                lambda beta, v, gradient: v + beta * gradient
            ),
            "beta multiplies the sum; expected it with the old velocity only.": (
                lambda beta, v, gradient: beta * (v + gradient)
            ),
            "The gradient is subtracted from v, and v from x: that goes uphill.": (
                lambda beta, v, gradient: beta * v - gradient
            ),
        },
        "first": {
            "The velocity starts at the first gradient; expected 0.": (
                lambda gradient: gradient
            ),
        },
        "at": {
            "The gradient is taken ahead, where the velocity leads, as in Nesterov's method; "
            "expected it at x.": lambda x, rate, beta, v: x - rate * beta * v,
        },
        "moved_by": {
            "x moves by the velocity of the step before: update v first, then x.": (
                lambda v, old: old
            ),
        },
        "move": {
            "The learning rate is missing.": lambda x, rate, v: x - v,
            "x does not move: is v updated, and x with it?": lambda x, rate, v: (
                x
            ),
        },
        "count": {
            "One step is missing: range(steps) has `steps` of them. Or do you step before v is "
            "updated?": lambda steps: steps - 1,
            "That is one step too many.": lambda steps: steps + 1,
            "That is a single step: is the return inside the loop?": lambda steps: (
                1
            ),
        },
    },
)


def bowl(x: Any) -> tuple[float, Any]:
    """Return half the square of x, and its gradient."""
    return float(x @ x) / 2, 1 * x


def line_search_cases() -> Iterator[tuple[Any, ...]]:
    """Yield functions, points and first rates, some of which nearly pass, or barely."""
    rng = np.random.default_rng(52)
    for k in range(6):
        yield slanted, rng.normal(size=2), 0.2 * 3**k
        yield wavy, rng.normal(size=rng.integers(1, 5)), 0.5 * 2**k
    yield bowl, np.array([3.0, 4.0]), 1.9997
    yield bowl, np.array([100.0, -60.0]), 1.99985
    yield bowl, np.array([1.0, -2.0]), 1.99992
    yield bowl, np.array([1.0, 2.0]), 2.0001
    yield bowl, np.array([1e-5, 2e-5]), 3.0
    yield single((slanted, np.array([1.0, 2.0]), 1.0))


def line_search_by_table(f: Any, x: Any, rate: float) -> Any:
    """Return the next point, from a table of the decreases at all rates."""
    value, gradient = f(x)
    rates = [rate / 2**k for k in range(40)]
    points = [x - gamma * gradient for gamma in rates]
    promised = [gamma * sum(slope**2 for slope in gradient) for gamma in rates]
    kept = [
        (value - f(point)[0]) / decrease
        for point, decrease in zip(points, promised, strict=True)
    ]
    return next(
        point
        for point, share in zip(points, kept, strict=True)
        if share >= 1e-4
    )


def line_search_model(
    f: Any,
    x: Any,
    rate: float,
    enough: Function = lambda rate, gradient: 1e-4 * rate * np.sum(gradient**2),
    halvings: Function = lambda: 200,
    shrink: Function = lambda rate: rate / 2,
    result: Function = lambda x, step, rate: x - step,
) -> Any:
    """Return the next point; the keywords are the places for mistakes."""
    value, gradient = f(x)
    for _ in range(halvings()):
        if f(x - rate * gradient)[0] <= value - enough(rate, gradient):
            break
        rate = shrink(rate)
    return result(x, rate * gradient, rate)


LINE_SEARCH = Task(
    arguments="f, x, rate",
    returns="x",
    cases=line_search_cases,
    right=line_search_by_table,
    passed="From {} points, the step is the one that a table of all rates shows, to ten digits.",
    model=line_search_model,
    mistakes={
        "enough": {
            "Any decrease is accepted; expected a share alpha = 1e-4 of what the slope promises.": (
                lambda rate, gradient: 0
            ),
            "All that the slope promises is asked for, and a step that bends upward never keeps "
            "that: where is alpha?": lambda rate, gradient: (
                rate * np.sum(gradient**2)
            ),
            "More is asked for than the share alpha = 1e-4 of what the slope promises.": (
                lambda rate, gradient: 1e-3 * rate * np.sum(gradient**2)
            ),
            "The norm of the gradient is not squared.": (
                lambda rate, gradient: 1e-4 * rate * np.linalg.norm(gradient)
            ),
            "The decrease that is asked for lacks the learning rate.": (
                lambda rate, gradient: 1e-4 * np.sum(gradient**2)
            ),
            "A rise is accepted: the decrease is subtracted from G(x), not added.": (
                lambda rate, gradient: -1e-4 * rate * np.sum(gradient**2)
            ),
        },
        "halvings": {
            "The rate is never halved.": lambda: 0,
            "The rate is halved once at most: an if where a while belongs?": (
                lambda: 1
            ),
        },
        "shrink": {
            "The rate is divided by 10; expected it halved.": lambda rate: (
                rate / 10
            ),
        },
        "result": {
            "The step goes uphill: the gradient points up. Expected a minus.": (
                lambda x, step, rate: x + step
            ),
            "That is the step alone; expected the point where it leads.": (
                lambda x, step, rate: step
            ),
            "That is the rate; expected the point where the step leads.": (
                lambda x, step, rate: rate
            ),
            "The rate is halved once too often: the first that passes is the one.": (
                lambda x, step, rate: x - step / 2
            ),
            "x does not move.": lambda x, step, rate: x,
        },
    },
)
