"""The tasks of chapter 10: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

import example
from checking import Function, Task
from tasks_shared import single

# The line through points


def line_cases() -> Iterator[tuple[Any, ...]]:
    """Yield points; the first ones have means that are not 0."""
    rng = np.random.default_rng(100)
    for m in (7, 4, 2, 9, 3, 5):
        yield 1.5 + rng.normal(size=m), rng.normal(size=m) - 2
    yield single((1.5 + rng.normal(size=6), rng.normal(size=6)))
    yield example.X[0], example.Y[0]


def line_by_fractions(x: Any, y: Any) -> tuple[float, float]:
    """Return w and b, rounded once, from exact distances to the means."""
    x, y = ([Fraction(float(v)) for v in values] for values in (x, y))
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    off = [x_c - x_mean for x_c in x]
    w = sum(d * y_c for d, y_c in zip(off, y, strict=True)) / sum(
        d * d for d in off
    )
    return float(w), float(y_mean - w * x_mean)


def line_model(
    x: Any,
    y: Any,
    above: Function = lambda x, y, m: m * sum(x * y) - sum(x) * sum(y),
    below: Function = lambda x, y, m: m * sum(x * x) - sum(x) ** 2,
    slope: Function = lambda x, y, w: w,
    bias: Function = lambda x, y, w: (sum(y) - w * sum(x)) / len(x),
) -> tuple[Any, Any]:
    """Return w and b; the keywords are the places for mistakes."""
    w = slope(x, y, above(x, y, len(x)) / below(x, y, len(x)))
    return w, bias(x, y, w)


def keeps_digits_far_out(function: Function) -> bool:
    """Return whether the line keeps its digits if all x are far from 0."""
    x, y = 2.0**27 + np.arange(5), np.arange(5) ** 2.0
    try:
        return bool(abs(function(x, y)[0] - 4) < 1e-6)
    except ArithmeticError:
        return False


LINE = Task(
    arguments="x, y",
    returns="w, b",
    cases=line_cases,
    right=line_by_fractions,
    passed="For {} sets of points, w and b agree with exact fractions to ten digits.",
    model=line_model,
    mistakes={
        "above": {
            "The m is missing above: m s_xy - s_x s_y.": lambda x, y, m: (
                sum(x * y) - sum(x) * sum(y)
            ),
            "s_x s_y is missing above, the product of the two sums.": lambda x, y, m: (
                m * sum(x * y)
            ),
            "The slope has the wrong sign: m s_xy - s_x s_y, in this order.": (
                lambda x, y, m: sum(x) * sum(y) - m * sum(x * y)
            ),
            "s_xy is the sum of the products, not the product of the sums.": (
                lambda x, y, m: (m - 1) * sum(x) * sum(y)
            ),
        },
        "below": {
            "The m is missing below: m s_xx - s_x^2.": lambda x, y, m: (
                sum(x * x) - sum(x) ** 2
            ),
            "s_x^2 is missing below, the square of the sum.": lambda x, y, m: (
                m * sum(x * x)
            ),
            "s_x^2 is the square of the sum, not the sum of the squares.": lambda x, y, m: (
                (m - 1) * sum(x * x)
            ),
        },
        "slope": {
            "w = s_xy / s_xx is the slope of the best line through the origin; with a bias there are "
            "two equations.": lambda x, y, w: sum(x * y) / sum(x * x),
            "w is the slope for x as a function of y: divide by what belongs to x.": lambda x, y, w: (
                w * np.var(x) / np.var(y)
            ),
            "w is the mean of the slopes to the points, y / x.": lambda x, y, w: (
                np.mean(y / x)
            ),
        },
        "bias": {
            "b is m times too large: (s_y - w s_x) / m.": lambda x, y, w: (
                sum(y) - w * sum(x)
            ),
            "Only a part of b is divided by m: (s_y - w s_x) / m needs its brackets.": (
                lambda x, y, w: sum(y) - w * sum(x) / len(x)
            ),
            "b has the wrong sign of w s_x: (s_y - w s_x) / m.": lambda x, y, w: (
                (sum(y) + w * sum(x)) / len(x)
            ),
            "b is the mean of y; the line passes through the mean of x, too.": (
                lambda x, y, w: sum(y) / len(x)
            ),
            "b makes the line pass through the first point; expected the mean point.": (
                lambda x, y, w: y[0] - w * x[0]
            ),
            "b is 0: the second equation has not been used.": lambda x, y, w: (
                0.0
            ),
        },
    },
    remarks={
        "(Far from the origin it loses digits: with all x near 10^8 the sums cancel. nnlib.line "
        "subtracts the means first.)": keeps_digits_far_out,
    },
)


# The normal equations


def normal_cases() -> Iterator[tuple[Any, ...]]:
    """Yield rows and targets; most have a row of ones below."""
    rng = np.random.default_rng(103)
    for rows, m, ones in (
        (2, 7, 1),
        (1, 5, 1),
        (3, 9, 0),
        (4, 8, 1),
        (1, 4, 0),
    ):
        X = 1 + rng.normal(size=(rows, m))
        yield np.vstack([X, np.ones((ones, m))]), rng.normal(size=m) - 2
    yield single((rng.normal(size=(2, 6)), rng.normal(size=6)))
    yield np.vstack([example.X[:1], np.ones((1, 3))]), example.Y[0]


def normal_by_fractions(rows: Any, y: Any) -> Any:
    """Return theta, rounded once, from rows made perpendicular to each other in fractions."""
    rows = [[Fraction(float(x)) for x in row] for row in rows]
    rest = [Fraction(float(v)) for v in y]

    def times(u: list[Fraction], v: list[Fraction]) -> Any:
        return sum(s * t for s, t in zip(u, v, strict=True))

    def minus(u: list[Fraction], share: Any, v: list[Fraction]) -> Any:
        return [s - share * t for s, t in zip(u, v, strict=True)]

    upright: list[list[Fraction]] = []
    for row in rows:
        q = row
        for other in upright:
            q = minus(q, times(row, other) / times(other, other), other)
        upright.append(q)
    theta = []
    for row, q in zip(reversed(rows), reversed(upright), strict=True):
        theta.append(times(rest, q) / times(q, q))
        rest = minus(rest, theta[-1], row)
    return np.array([float(share) for share in reversed(theta)])


def normal_model(
    rows: Any,
    y: Any,
    left: Function = lambda rows, m: rows @ rows.T,
    right: Function = lambda rows, y, m: rows @ y,
    answer: Function = np.linalg.solve,
) -> Any:
    """Return theta; the keywords are the places for mistakes."""
    m = rows.shape[1]
    return answer(left(rows, m), right(rows, y, m))


NORMAL = Task(
    arguments="rows, y",
    returns="theta",
    cases=normal_cases,
    right=normal_by_fractions,
    passed="For {} sets of rows and targets, theta agrees with exact fractions to ten digits.",
    model=normal_model,
    mistakes={
        "left": {
            "Only the left-hand side is divided by m: divide both sides, or none.": (
                lambda rows, m: rows @ rows.T / m
            ),
        },
        "right": {
            "Only the right-hand side is divided by m: divide both sides, or none.": (
                lambda rows, y, m: rows @ y / m
            ),
            "The sign of y: rows @ r = 0 has -y in r, so rows @ y is positive on the other side.": (
                lambda rows, y, m: -(rows @ y)
            ),
        },
        "answer": {
            "That is rows @ y. It is the matrix rows @ rows.T times theta, not yet theta.": (
                lambda M, v: v
            ),
            "rows @ y is multiplied by the matrix; solve M theta = v with np.linalg.solve(M, v).": (
                lambda M, v: M @ v
            ),
            "Each row is fitted by itself, as if the rows were perpendicular to each other; the "
            "equations belong together.": lambda M, v: v / np.diag(M),
        },
    },
    errors={
        "must be square": "rows.T theta = y has more equations than unknowns, and mostly no "
        "solution. The equations to solve are rows @ r = 0.",
        "Singular matrix": "That matrix has no inverse. Is it rows @ rows.T, not rows.T @ rows? "
        "And rows needs no further row of ones.",
        "matmul": "The product does not fit. theta has a number for each row, so the outputs are "
        "rows.T @ theta, and rows multiplies y and r.",
    },
)


# The number of steps, before they are taken


def steps_cases() -> Iterator[tuple[Any, ...]]:
    """Yield features, one row each."""
    rng = np.random.default_rng(101)
    for rows, m, mean in (
        (2, 7, 1),
        (1, 5, 2),
        (3, 9, 0),
        (1, 4, 0),
        (4, 9, 1),
    ):
        yield (mean + rng.normal(size=(rows, m)),)
    yield (example.X,)
    yield (np.array([[0.5, 1, 2, 3, 3.5]]),)
    yield (1.0025 * np.array([[1.0, -1.0]]),)  # kappa 1.005: almost round


def steps_by_walking(X: Any) -> int:
    """Return the number of steps, counted, from where both extreme directions matter alike."""
    rows = [list(map(float, row)) for row in X] + [[1.0] * X.shape[1]]
    H = np.array(
        [
            [
                math.fsum(s * t for s, t in zip(u, v, strict=True)) / X.shape[1]
                for v in rows
            ]
            for u in rows
        ]
    )
    lam, q = np.linalg.eigh(H)
    away = q[:, 0] + q[:, -1]
    rate, first, steps = 2 / (lam[0] + lam[-1]), np.linalg.norm(away), 0
    while np.linalg.norm(away) > 1e-6 * first:
        away, steps = away - rate * (H @ away), steps + 1
    return steps


def steps_model(
    X: Any,
    rows: Function = lambda X: np.vstack([X, np.ones(X.shape[1])]),
    scale: Function = lambda rows, m: rows @ rows.T / m,
    kappa: Function = lambda lam: lam[-1] / lam[0],
    rho: Function = lambda kappa: (kappa - 1) / (kappa + 1),
    round_bowl: Function = lambda rho: max(rho, 1e-300),
    count: Function = lambda rho, kappa: np.log(1e-6) / np.log(rho),
    whole: Function = math.ceil,
) -> Any:
    """Return the number of steps; the keywords are the places for mistakes."""
    lam = np.linalg.eigvalsh(scale(rows(X), X.shape[1]))
    k = kappa(lam)
    return whole(count(round_bowl(rho(k)), k))


def arrives_in_one_step(function: Function) -> bool:
    """Return whether a round bowl takes one step."""
    try:
        return int(function(np.array([[1.0, -1.0]]))) == 1
    except (ArithmeticError, TypeError, ValueError):
        return False


ONE_STEP = "For the features [[1, -1]] H is the identity, rho is 0, and one step arrives."

STEPS = Task(
    arguments="X",
    returns="steps",
    cases=steps_cases,
    right=steps_by_walking,
    passed="For {} sets of features, the number is the one we counted on a walk from the worst "
    "start, and for a round bowl it is 1.",
    model=steps_model,
    mistakes={
        "rows": {
            "The row of ones is missing: the bias is a parameter, too.": (
                lambda X: X
            ),
            "The ones stand beside the features, as another pair; expected a row below them.": (
                lambda X: np.hstack([X, np.ones((len(X), 1))])
            ),
        },
        "kappa": {
            "kappa is the quotient of the largest and the least eigenvalue; here its root is used, "
            "as np.linalg.cond of the rows gives it.": lambda lam: math.sqrt(
                lam[-1] / lam[0]
            ),
            "kappa is squared once too often: H has the eigenvalues, not their roots.": (
                lambda lam: (lam[-1] / lam[0]) ** 2
            ),
            "kappa is the largest eigenvalue alone; expected it divided by the least.": (
                lambda lam: lam[-1]
            ),
        },
        "rho": {
            "rho is 1 - 1/kappa, the factor at the rate 1/lambda_max; the best rate does better.": (
                lambda kappa: 1 - 1 / kappa
            ),
            "rho is (kappa - 1)/(kappa + 1); here it is squared.": lambda kappa: (
                ((kappa - 1) / (kappa + 1)) ** 2
            ),
        },
        "round_bowl": {ONE_STEP: lambda rho: rho},
        "count": {
            "That is the approximation for a large kappa; expected ln 10^-6 / ln rho.": (
                lambda rho, kappa: 0.5 * kappa * math.log(1e6)
            ),
            "That is the rule of thumb, 7 kappa; expected ln 10^-6 / ln rho.": lambda rho, kappa: (
                7 * kappa
            ),
            "A millionth is 10^-6; here it is another power.": lambda rho, kappa: (
                math.log(1e-5) / math.log(rho)
            ),
            "Two kinds of logarithms: take log or log10 of both.": lambda rho, kappa: (
                math.log10(1e-6) / math.log(rho)
            ),
        },
        "whole": {
            "The last step is missing: round up, np.ceil.": math.floor,
            "That is one step too many: np.ceil rounds up already.": lambda k: (
                math.ceil(k) + 1
            ),
            "That is not yet a number of steps: round it up, np.ceil.": lambda k: (
                k
            ),
        },
    },
    properties={
        ONE_STEP: arrives_in_one_step,
    },
)


# Standardized features


def features_cases() -> Iterator[tuple[Any, ...]]:
    """Yield features of uneven means and units; the first has as many rows as columns."""
    rng = np.random.default_rng(102)
    for rows, m in ((4, 4), (2, 7), (1, 5), (3, 9), (6, 2)):
        means, units = rng.normal(size=(2, rows, 1))
        yield (3 * means + np.exp(units) * rng.normal(size=(rows, m)),)
    yield single((2 + rng.normal(size=(2, 6)),))
    yield (example.X,)


def standardized_by_sums(X: Any) -> tuple[Any, Any, Any]:
    """Return the standardized rows with their means and deviations, from exact sums."""
    U, mu, tau = np.empty_like(X), np.empty((len(X), 1)), np.empty((len(X), 1))
    for j, row in enumerate(X):
        exact = [Fraction(float(x)) for x in row]
        mean = sum(exact) / len(exact)
        variance = sum((x - mean) ** 2 for x in exact) / len(exact)
        mu[j, 0], tau[j, 0] = float(mean), math.sqrt(variance)
        U[j] = [float(x - mean) / tau[j, 0] for x in exact]
    return U, mu, tau


def standardize_model(
    X: Any,
    center: Function = lambda X: X.mean(axis=1, keepdims=True),
    spread: Function = lambda X: X.std(axis=1, keepdims=True),
    change: Function = lambda X, mu, tau: (X - mu) / tau,
) -> tuple[Any, Any, Any]:
    """Return the standardized rows, mu and tau; the keywords are the places for mistakes."""
    mu, tau = center(X), spread(X)
    return change(X, mu, tau), mu, tau


def is_finite_for_a_constant(function: Function) -> bool:
    """Return whether a row that does not vary gives finite numbers."""
    try:
        U = function(np.array([[3.0, 3.0], [1.0, 2.0]]))[0]
    except ArithmeticError:
        return False
    return bool(np.isfinite(U).all())


def keeps_its_spread_far_out(function: Function) -> bool:
    """Return whether tau keeps its digits if a row is far from 0."""
    try:
        tau = function(2.0**27 + np.arange(20.0).reshape(1, -1))[2]
        return bool(abs(np.ravel(tau)[0] - math.sqrt(33.25)) < 1e-6)
    except ArithmeticError:
        return False


STANDARDIZE = Task(
    arguments="X",
    returns="X_std, mu, tau",
    cases=features_cases,
    right=standardized_by_sums,
    passed="For {} sets of features, the rows, mu and tau agree with exact sums to ten digits.",
    model=standardize_model,
    mistakes={
        "center": {
            "mu is the mean of all elements; expected one for each row, axis=1.": (
                lambda X: np.full((len(X), 1), X.mean())
            ),
            "mu is the median of each row; expected the mean.": lambda X: (
                np.median(X, axis=1, keepdims=True)
            ),
        },
        "spread": {
            "tau is the variance; expected its root, X.std.": lambda X: X.var(
                axis=1, keepdims=True
            ),
            "tau divides by m - 1 (ddof=1, as pandas does); the book divides by m.": (
                lambda X: X.std(axis=1, keepdims=True, ddof=1)
            ),
            "tau is the deviation of all elements; expected one for each row, axis=1.": (
                lambda X: np.full((len(X), 1), X.std())
            ),
            "tau is the root of the mean square of X itself; subtract the mean first.": (
                lambda X: np.sqrt((X**2).mean(axis=1, keepdims=True))
            ),
            "tau is the difference of the largest and the least; expected the standard deviation.": (
                lambda X: np.ptp(X, axis=1, keepdims=True)
            ),
        },
        "change": {
            "The means are subtracted, but nothing is divided by tau.": lambda X, mu, tau: (
                X - mu
            ),
            "X is divided by tau, but the means are not subtracted.": lambda X, mu, tau: (
                X / tau
            ),
            "First mu, then tau: X / tau - mu has other units; (X - mu) / tau.": (
                lambda X, mu, tau: X / tau - mu
            ),
            "X is multiplied by tau; expected it divided.": lambda X, mu, tau: (
                (X - mu) * tau
            ),
        },
    },
    remarks={
        "(A row that does not vary has tau 0, and dividing by it gives NaN. Such a row adds nothing "
        "to the bias, so leave it out.)": is_finite_for_a_constant,
        "(Far from 0 tau loses digits: with all elements near 10^8, the mean square and mu^2 "
        "cancel. Subtract the mean first, and then square.)": keeps_its_spread_far_out,
    },
    errors={
        "broadcast": "mu and tau should be columns: axis=1 with keepdims=True.",
    },
)
