"""The tasks of chapter 4: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

import example
from checking import Function, Leaves, Task
from nnlib import numerical_gradient, squared_error
from tasks_shared import single

# An error of the outputs, with its derivative

SHAPES = [(2, 7), (3, 3), (4, 6), (1, 3), (1, 1), (5, 1), (3, 2), (2, 9)]


def error_cases() -> Iterator[tuple[Any, ...]]:
    """Yield outputs and targets; the first shape tells rows, columns and their number apart."""
    rng = np.random.default_rng(40)
    for rows, m in SHAPES:
        yield tuple(rng.normal(size=(2, rows, m)))
    yield single(tuple(rng.normal(size=(2, 3, 4))))
    yield np.array([[1.0, -2.0, 2.5]]), example.Y


def squared_error_by_fractions(A: Any, Y: Any) -> tuple[float, Any]:
    """Return the squared error and its derivative, each rounded once from exact fractions."""
    m, total, dA = A.shape[1], Fraction(0), np.empty_like(A)
    for i, c in np.ndindex(A.shape):
        off = Fraction(float(A[i, c])) - Fraction(float(Y[i, c]))
        total += off**2
        dA[i, c] = float(off / m)
    return float(total / (2 * m)), dA


def squared_error_model(
    A: Any,
    Y: Any,
    error: Function = squared_error,
    dA: Function = squared_error.dA,
) -> tuple[float, Any]:
    """Return E and dA; the keywords are the places for mistakes."""
    return error(A, Y), dA(A, Y)


def derivative_agrees(function: Function) -> bool:
    """Return whether dA is what central differences of the function's own E say."""
    A, Y = next(error_cases())
    Y = np.eye(2)[:, [0, 1, 1, 0, 1, 0, 0]]
    differences = numerical_gradient(lambda A: float(function(A, Y)[0]), A)
    return np.allclose(function(A, Y)[1], differences, atol=1e-6)


SQUARED_ERROR = Task(
    arguments="A, Y",
    returns="E, dA",
    cases=error_cases,
    right=squared_error_by_fractions,
    passed="On {} pairs of outputs and targets, E and dA agree with exact fractions to ten "
    "digits, and on one dA agrees with finite differences of E to six.",
    model=squared_error_model,
    mistakes={
        "error": {
            "E is the sum over the inputs; expected the mean: is the 1/m missing?": (
                lambda A, Y: np.sum((A - Y) ** 2) / 2
            ),
            "E is twice what it should be: is the factor 1/2 missing?": lambda A, Y: (
                np.sum((A - Y) ** 2) / A.shape[1]
            ),
            "E is the sum of all squares: where is the 1/(2m)?": lambda A, Y: (
                np.sum((A - Y) ** 2)
            ),
            "E is np.mean of the squares, which divides by the number of all elements; expected "
            "1/(2m).": lambda A, Y: np.mean((A - Y) ** 2),
            "E is divided by the number of all elements; m is the number of columns.": (
                lambda A, Y: np.mean((A - Y) ** 2) / 2
            ),
            "E is divided by the number of rows, len(A); m is the number of columns, A.shape[1].": (
                lambda A, Y: np.sum((A - Y) ** 2) / (2 * len(A))
            ),
            "E is made from the norm itself; expected its square.": lambda A, Y: (
                np.sqrt(np.sum((A - Y) ** 2)) / (2 * A.shape[1])
            ),
            "E is made from np.linalg.norm(..., 2), which for a matrix is its largest singular "
            "value; leave out the 2.": lambda A, Y: (
                np.linalg.norm(A - Y, 2) ** 2 / (2 * A.shape[1])
            ),
            "E adds up absolute values; expected squares.": lambda A, Y: (
                np.sum(abs(A - Y)) / (2 * A.shape[1])
            ),
            "E squares the sum of the differences; expected the sum of their squares.": (
                lambda A, Y: np.sum(A - Y) ** 2 / (2 * A.shape[1])
            ),
            "E is a number for each column; expected their mean.": lambda A, Y: (
                np.sum((A - Y) ** 2, axis=0) / 2
            ),
        },
        "dA": {
            "dA is m times too large: the 1/m of E stays in its derivative.": (
                lambda A, Y: A - Y
            ),
            "dA has the wrong sign: expected A - Y.": lambda A, Y: (
                (Y - A) / A.shape[1]
            ),
            "dA is twice what it should be: the 2 of the square cancels the 1/2.": (
                lambda A, Y: 2 * (A - Y) / A.shape[1]
            ),
            "dA is half of what it should be: the 2 of the square cancels the 1/2.": (
                lambda A, Y: (A - Y) / (2 * A.shape[1])
            ),
            "dA is divided by the number of all elements; m is the number of columns.": (
                lambda A, Y: (A - Y) / A.size
            ),
            "dA is divided by the number of rows, len(A); m is the number of columns, A.shape[1].": (
                lambda A, Y: (A - Y) / len(A)
            ),
            "dA is summed over the inputs; expected a derivative for each element of A.": (
                lambda A, Y: np.sum(A - Y, axis=1, keepdims=True) / A.shape[1]
            ),
            "dA is summed over the rows; expected a derivative for each element of A.": (
                lambda A, Y: np.sum(A - Y, axis=0, keepdims=True) / A.shape[1]
            ),
        },
    },
    properties={
        "dA is not what differences of E say.": derivative_agrees,
    },
)


def cross_entropy_cases() -> Iterator[tuple[Any, ...]]:
    """Yield logits and one-hot targets; at the end, logits whose exponentials overflow."""
    rng = np.random.default_rng(41)
    for rows, m in [*SHAPES[:3], (2, 1), (5, 4), (4, 1), (3, 8)]:
        labels = rng.integers(rows, size=m)
        yield rng.normal(size=(rows, m)), np.eye(rows)[:, labels]
    A, Y = rng.normal(size=(3, 5)), np.eye(3)[:, [0, 2, 1, 1, 0]]
    yield single((A, Y))
    yield A, np.full((3, 5), 1 / 3)
    yield 1000 * A, Y
    yield A + np.array([[2000.0, -2000.0, 0.0, 800.0, -800.0]]), Y


def cross_entropy_by_sums(A: Any, Y: Any) -> tuple[float, Any]:
    """Return the cross-entropy and its derivative by sums, with Python's own exp and log."""
    m, terms, dA = A.shape[1], [], np.empty_like(A)
    for c in range(m):
        logits = [float(a) for a in A[:, c]]
        top = max(logits)
        log_total = top + math.log(math.fsum(math.exp(a - top) for a in logits))
        for i, a in enumerate(logits):
            y = float(Y[i, c])
            terms.append(y * (log_total - a))
            dA[i, c] = (math.exp(a - log_total) - y) / m
    return math.fsum(terms) / m, dA


def log_of_shares(A: Any) -> Any:
    """Return ln S without overflow."""
    D = A - A.max(axis=0)
    return D - np.log(np.exp(D).sum(axis=0))


def cross_entropy_model(
    A: Any,
    Y: Any,
    log_S: Function = log_of_shares,
    error: Function = lambda log_S, Y, A: -np.sum(Y * log_S) / A.shape[1],
    dA: Function = lambda S, Y, A: (S - Y) / A.shape[1],
) -> tuple[float, Any]:
    """Return E and dA; the keywords are the places for mistakes."""
    logarithms = log_S(A)
    return error(logarithms, Y, A), dA(np.exp(logarithms), Y, A)


OVERFLOWS = "Where logits are large, their exponentials overflow: subtract the largest logit of "
OVERFLOWS += "each column first, which changes no share."
ROUNDED = "Where logits lie far apart, a share is rounded to 0, and its logarithm is infinite: "
ROUNDED += "take the logarithm before you divide, ln S = U - ln(sum of e^U)."
SUM_OVERFLOWS = "Where logits are large, the sum of their exponentials overflows: subtract the largest "
SUM_OVERFLOWS += "logit of each column first, which changes no share."
OWN_LARGEST = "Subtract from each column its own largest logit, A.max(axis=0); with the largest "
OWN_LARGEST += "of all, other columns are rounded to 0."
UNDERFLOWS = "Subtract from each column its own largest logit, A.max(axis=0). With the largest of "
UNDERFLOWS += "all, the exponentials of other columns underflow: all are rounded to 0, and 0 / 0 is "
UNDERFLOWS += "not a number."


NOT_FINITE = "There exponentials overflow to infinity, or those of a whole column underflow to 0: "
NOT_FINITE += (
    "subtract from each column its own largest logit, which changes no share."
)


def not_finite(leaves: Leaves) -> str:
    """Return what to do about overflow and underflow, if E or dA is not finite.

    If the shares are right or rounded to 0, each column of dA sums to 0. If the sum of the
    exponentials is infinite, all shares of the column are 0, and dA sums to -1 / m.
    """
    dA = leaves["dA"].astype(float)
    if not np.isfinite(dA).all():
        return NOT_FINITE
    if np.isfinite(float(leaves["E"])):
        return ""
    sums_to_0 = np.allclose(dA.sum(axis=0), 0, rtol=0, atol=1e-4)
    return ROUNDED if sums_to_0 else SUM_OVERFLOWS


CROSS_ENTROPY = Task(
    arguments="A, Y",
    returns="E, dA",
    cases=cross_entropy_cases,
    right=cross_entropy_by_sums,
    passed="On {} sets of logits, some of them in the thousands, E and dA agree with sums to ten "
    "digits, and on one dA agrees with finite differences of E to six.",
    model=cross_entropy_model,
    mistakes={
        "log_S": {
            SUM_OVERFLOWS: lambda A: A - np.log(np.exp(A).sum(axis=0)),
            OVERFLOWS: lambda A: np.log(np.exp(A) / np.exp(A).sum(axis=0)),
            ROUNDED: lambda A: np.log(
                np.exp(A - A.max(axis=0))
                / np.exp(A - A.max(axis=0)).sum(axis=0)
            ),
            UNDERFLOWS: lambda A: np.log(
                np.exp(A - A.max()) / np.exp(A - A.max()).sum(axis=0)
            ),
            OWN_LARGEST: lambda A: (
                A - A.max() - np.log(np.exp(A - A.max()).sum(axis=0))
            ),
            "The softmax runs over the inputs; each column of S sums to 1, axis=0.": (
                lambda A: log_of_shares(A.T).T
            ),
            "The exponentials are divided by the sum of all; expected that of their column.": (
                lambda A: A - A.max() - np.log(np.exp(A - A.max()).sum())
            ),
            "The exponentials are not divided by their sum.": lambda A: (
                A - A.max(axis=0)
            ),
            "The logits are not changed at all: where is the softmax?": lambda A: (
                A
            ),
        },
        "error": {
            "E is the sum over the inputs; expected the mean.": (
                lambda log_S, Y, A: -np.sum(Y * log_S)
            ),
            "E has the wrong sign.": lambda log_S, Y, A: (
                np.sum(Y * log_S) / A.shape[1]
            ),
            "E is divided by the number of all elements; m is the number of columns.": (
                lambda log_S, Y, A: -np.mean(Y * log_S)
            ),
            "E is minus the share itself; expected its logarithm.": (
                lambda log_S, Y, A: -np.sum(Y * np.exp(log_S)) / A.shape[1]
            ),
            "The logarithm is that to the base 10; expected the natural one, np.log.": (
                lambda log_S, Y, A: -np.sum(Y * log_S) / np.log(10) / A.shape[1]
            ),
            "The logarithm is that to the base 2; expected the natural one, np.log.": (
                lambda log_S, Y, A: -np.sum(Y * log_S) / np.log(2) / A.shape[1]
            ),
            "In E, the sum of the exponentials overflows where logits are large: subtract the "
            "largest logit of each column there too.": lambda log_S, Y, A: (
                np.mean(np.log(np.exp(A).sum(axis=0)) - np.sum(Y * A, axis=0))
            ),
            "E is the squared error; expected the cross-entropy.": (
                lambda log_S, Y, A: squared_error(A, Y)
            ),
            "E is the squared error of the shares; expected the cross-entropy.": (
                lambda log_S, Y, A: squared_error(np.exp(log_S), Y)
            ),
        },
        "dA": {
            "dA is m times too large: it is (S - Y) / m.": lambda S, Y, A: (
                S - Y
            ),
            "dA has the wrong sign: expected S - Y.": lambda S, Y, A: (
                (Y - S) / A.shape[1]
            ),
            "dA is made from the logits; expected S - Y, with S the softmax of A.": (
                lambda S, Y, A: (A - Y) / A.shape[1]
            ),
            "dA is S / m: the targets are missing.": lambda S, Y, A: (
                S / A.shape[1]
            ),
            "dA is 0 but for the right classes: the logits of the others count too.": (
                lambda S, Y, A: (S - Y) * Y / A.shape[1]
            ),
            "dA is the derivative with respect to S; expected that with respect to the logits.": (
                lambda S, Y, A: -Y / S / A.shape[1]
            ),
        },
    },
    explain=not_finite,
    properties={
        "dA is not what differences of E say.": derivative_agrees,
    },
)


# The walk by hand


def tray_landscape(w: float, b: float) -> float:
    """Return the error of the five trays of chapter 4."""
    trays = ((-2, 0.1), (-1, 0.3), (0, 0.2), (1, 0.8), (2, 0.9))
    misses = [1 / (1 + math.exp(-w * x - b)) - y for x, y in trays]
    return sum(miss**2 for miss in misses) / 10


def bent_valley(w: float, b: float) -> float:
    """Return the height of a valley that bends, with one lowest point."""
    return (w - 1) ** 2 + 3 * (b - w**2 / 4) ** 2


def narrow_valley(w: float, b: float) -> float:
    """Return the height of a valley along w, too narrow for turning both knobs at once."""
    return (w - 1.1) ** 2 + 100 * b**2


def walk_cases() -> Iterator[tuple[Any, ...]]:
    """Yield landscapes, starts and lengths of a step."""
    for landscape in (tray_landscape, bent_valley):
        for w, b in ((1.0, 1.0), (5.0, -5.0), (-3.0, -4.0), (-2.0, 3.0)):
            yield landscape, w, b, 0.5
        yield landscape, 0.5, -0.25, 0.25
    yield narrow_valley, 4.0, 0.0, 0.5
    # Walks of 2 steps here and of 1 above: a loop of 3 is not one that never stops.
    yield tray_landscape, 1.0, 0.0, 0.5
    # A walk of 82 steps, too long for a loop of a few dozen.
    yield tray_landscape, 5.0, -5.0, 0.1


def best_neighbor(E: Any, w: float, b: float, h: float) -> tuple[float, float]:
    """Return the lowest of the four neighbors."""
    moves = ((h, 0.0), (-h, 0.0), (0.0, h), (0.0, -h))
    return min(((w + u, b + v) for u, v in moves), key=lambda place: E(*place))


def walk_model(
    E: Any,
    w: float,
    b: float,
    h: float,
    choose: Function = best_neighbor,
    steps: Function = lambda: 1000,
    stops: Function = lambda downhill, k: not downhill,
    end: Function = lambda before, after: before,
) -> Any:
    """Return where the walk ends; the keywords are the places for mistakes."""
    for k in range(steps()):
        after = choose(E, w, b, h)
        if stops(E(*after) < E(w, b), k):
            return end((w, b), after)
        w, b = after
    return w, b


def stopped_after(count: int) -> Function:
    """Return a rule that stops a walk after so many steps, whether they led down or not."""
    return lambda downhill, k: k == count


def limited_to(count: int) -> Function:
    """Return a rule that stops a walk where no step leads down, or after so many steps."""
    return lambda downhill, k: not downhill or k == count


def walk_by_heights(
    E: Any, w: float, b: float, h: float
) -> tuple[float, float]:
    """Return where the walk ends, from a table of the heights of all places that it reaches."""
    height: dict[tuple[float, float], float] = {}
    while True:
        places = [(w, b), (w + h, b), (w - h, b), (w, b + h), (w, b - h)]
        for place in places:
            if place not in height:
                height[place] = E(*place)
        lowest = sorted(places, key=lambda place: height[place])[0]
        if height[lowest] >= height[w, b]:
            return w, b
        w, b = lowest


WALK = Task(
    arguments="E, w, b, h",
    returns="w, b",
    cases=walk_cases,
    right=walk_by_heights,
    passed="On {} walks over three landscapes, the end is that of a table of all heights.",
    model=walk_model,
    mistakes={
        "choose": {
            "The first neighbor that is lower is taken; expected the lowest of the four.": (
                lambda E, w, b, h: next(
                    (
                        place
                        for place in (
                            (w + h, b),
                            (w - h, b),
                            (w, b + h),
                            (w, b - h),
                        )
                        if E(*place) < E(w, b)
                    ),
                    (w, b),
                )
            ),
            "Only w is turned; b has two directions as well.": lambda E, w, b, h: (
                min(((w + h, b), (w - h, b)), key=lambda place: E(*place))
            ),
            "Only b is turned; w has two directions as well.": lambda E, w, b, h: (
                min(((w, b + h), (w, b - h)), key=lambda place: E(*place))
            ),
            "Only larger w and b are tried; each knob can be turned both ways.": (
                lambda E, w, b, h: min(
                    ((w + h, b), (w, b + h)), key=lambda place: E(*place)
                )
            ),
            "Both knobs are turned at once; expected one at a time.": (
                lambda E, w, b, h: min(
                    ((w + u, b + v) for u in (h, -h) for v in (h, -h)),
                    key=lambda place: E(*place),
                )
            ),
        },
        "steps": {
            "That is where one step leads: is the return inside the loop?": lambda: (
                1
            ),
            "That is the start: where does it move?": lambda: 0,
        },
        # After 82 steps all these walks go to and fro between two places.
        "stops": {
            "That is where an even number of steps leads, downhill or not. Do you stop when no "
            "step leads down?": stopped_after(100),
            "That is where an odd number of steps leads, downhill or not. Do you stop when no "
            "step leads down?": stopped_after(101),
            **{
                f"That is where {count} steps lead, downhill or not. Do you stop when no step "
                "leads down?": stopped_after(count)
                for count in range(2, 82)
            },
            **{
                f"After {count} steps it halts, though a step still leads down. Is the loop too "
                "short? A walk can be long.": limited_to(count)
                for count in range(2, 82)  # for one step, see "steps"
            },
        },
        "end": {
            "That is one step too far, the step that no longer leads down.": (
                lambda before, after: after
            ),
        },
    },
)


# One set to fit, one to choose by, one to report


def polynomial_fit(points: Any, d: int) -> Any:
    """Return the coefficients of the polynomial of degree d with the least error on points."""
    return np.polyfit(points[0][0], points[1][0], d)


def polynomial_error(theta: Any, points: Any) -> float:
    """Return the error of a polynomial on points."""
    x, y = points
    return float(np.mean((np.polyval(theta, x) - y) ** 2) / 2)


def choice_cases() -> Iterator[tuple[Any, ...]]:
    """Yield fit, E, degrees and three sets of points.

    The three sets would choose three different degrees, and a degree is not its place in the list.
    """
    up_to_8 = [1, 2, 3, 4, 5, 6, 7, 8]
    for seed, degrees in (
        (42, up_to_8),
        (47, [2, 3, 5, 8]),
        (41, [7, 1, 4, 3]),
        (48, [9, 6, 5, 3, 2]),
        (17, [1, 3, 4, 6]),
    ):
        rng = np.random.default_rng(seed)
        sets = []
        for m in (14, 9, 11):
            x = rng.uniform(-1, 1, size=(1, m))
            sets.append((x, np.sin(3 * x) + 0.3 * rng.normal(size=(1, m))))
        yield polynomial_fit, polynomial_error, degrees, *sets


def choice_by_table(
    fit: Any, E: Any, degrees: Any, train: Any, validation: Any, test: Any
) -> tuple[int, float]:
    """Return the degree at the top of a table sorted by validation error, and its test error."""
    table = []
    for d in degrees:
        theta = fit(train, d)
        table.append((E(theta, validation), d, E(theta, test)))
    _, d, E_test = sorted(table)[0]
    return d, E_test


def both(one: Any, two: Any) -> Any:
    """Return the points of two sets as one set."""
    return tuple(np.hstack(pair) for pair in zip(one, two, strict=True))


def choice_model(
    fit: Any,
    E: Any,
    degrees: Any,
    train: Any,
    validation: Any,
    test: Any,
    fitted: Function = lambda train, validation, test: train,
    judged: Function = lambda train, validation, test: validation,
    best: Function = np.argmin,
    named: Function = lambda degrees, k: degrees[k],
    reported: Function = lambda fit, E, d, fitted, train, validation, test: E(
        fit(fitted, d), test
    ),
) -> tuple[Any, Any]:
    """Return the degree and its test error; the keywords are the places for mistakes."""
    sets = train, validation, test
    theta = [fit(fitted(*sets), d) for d in degrees]
    k = int(best([E(theta_d, judged(*sets)) for theta_d in theta]))
    E_test = reported(fit, E, degrees[k], fitted(*sets), *sets)
    return named(degrees, k), E_test


CHOICE = Task(
    arguments="fit, E, degrees, train, validation, test",
    returns="d, E_test",
    cases=choice_cases,
    right=choice_by_table,
    passed="On {} splits, in which each of the three sets would choose another degree, you fit on "
    "the first, choose by the second and report the third.",
    model=choice_model,
    mistakes={
        "judged": {
            "The training points choose, and they like the most flexible fit best. Choose by "
            "the validation points.": lambda train, validation, test: train,
            "The test points choose. Then nothing is left that tells how good the choice is. "
            "Choose by the validation points.": (
                lambda train, validation, test: test
            ),
        },
        "fitted": {
            "The fit has seen the validation points, so they are no longer new to it. Fit on the "
            "training points alone.": (
                lambda train, validation, test: both(train, validation)
            ),
            "The fit is made on the validation points; expected fit(train, d).": (
                lambda train, validation, test: validation
            ),
            "The fit is made on the test points; expected fit(train, d).": (
                lambda train, validation, test: test
            ),
        },
        "best": {
            "The degree with the largest error is chosen; expected the smallest.": (
                np.argmax
            ),
            "The first degree is taken, whatever its error.": lambda errors: 0,
            "The last degree is taken, whatever its error.": lambda errors: -1,
        },
        "named": {
            "That is the place in the list, counted from 0; expected the degree, degrees[k].": (
                lambda degrees, k: k
            ),
            "That is the place in the list, counted from 1; expected the degree, degrees[k].": (
                lambda degrees, k: k + 1
            ),
        },
        "reported": {
            "That is the validation error. The degree was chosen to make it small, so it flatters; "
            "report the error on the test points.": (
                lambda fit, E, d, fitted, train, validation, test: E(
                    fit(fitted, d), validation
                )
            ),
            "That is the training error; report the error on the test points.": (
                lambda fit, E, d, fitted, train, validation, test: E(
                    fit(fitted, d), train
                )
            ),
            "The error is that of another fit, made again with the validation points. People do "
            "that too; here, report the fit that you chose.": (
                lambda fit, E, d, fitted, train, validation, test: E(
                    fit(both(train, validation), d), test
                )
            ),
        },
    },
    remarks={
        "(It asks for the error on the test points more than once. Once, at the end, is enough: "
        "what you look at often, you choose by.)": lambda function: (
            times_tested(function) < 2
        ),
    },
    errors={
        "TypeError.* positional argument": "A set is one argument: fit(train, d) and "
        "E(theta, validation).",
    },
)


def times_tested(function: Function) -> int:
    """Return how often a function asks for the error on the test points."""
    fit, E, degrees, train, validation, test = next(choice_cases())
    count = 0

    def counting(theta: Any, points: Any) -> float:
        nonlocal count
        count += points is test
        return E(theta, points)

    function(fit, counting, degrees, train, validation, test)
    return count
