"""The tasks of chapter 9: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

import itertools
import math
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import example
import patients
from checking import Function, Leaves, Task
from nnlib import (
    EMPTY,
    Network,
    adam,
    forward,
    gelu,
    gradient_by_sums,
    gradient_descent,
    identity,
    leaky_relu,
    pack,
    random_normal,
    relu,
    sigmoid,
    softplus,
    tanh,
    unpack,
)
from tasks_shared import (
    BIAS_MISTAKES,
    WEIGHT_MISTAKES,
    forward_by_sums,
    random_network,
    single,
)

# The whole training


def training_cases() -> Iterator[tuple[Any, ...]]:
    """Yield W, b, X, Y, rate and steps; hidden layers are sigmoids, the output is the identity."""
    rng = np.random.default_rng(90)
    shapes = [(3, 3, 3, 3), (2, 3, 2), (2, 4), (3, 5, 4, 2), (1, 6, 1)]
    for n, steps in zip(shapes, (3, 1, 2, 4, 0), strict=True):
        W, b, _ = random_network(rng, n, [identity])
        m = int(rng.integers(4, 8))
        X, Y = rng.normal(size=(n[0], m)), rng.normal(size=(n[-1], m))
        yield W, b, X, Y, 0.5, steps
    yield single((W, b, X, Y, 0.5, 2))
    yield example.W, example.b, example.X, example.Y, 0.5, 1


def training_by_sums(
    W: Any, b: Any, X: Any, Y: Any, rate: float, steps: int
) -> tuple[list[Any], list[Any]]:
    """Return W and b after some steps of descent, with the sums of chapters 2 and 6."""
    g = [identity, *[sigmoid] * (len(W) - 2), identity]
    for _ in range(steps):
        Z, A = forward_by_sums(W, b, g, X)
        dW, db = gradient_by_sums(W, g, Z, A, (A[-1] - Y) / X.shape[1])
        pairs = [
            (W[l] - rate * dW[l], b[l] - rate * db[l]) for l in range(1, len(W))
        ]
        W, b = ([EMPTY, *part] for part in zip(*pairs, strict=True))
    return list(W), list(b)


def training_model(
    W: Any,
    b: Any,
    X: Any,
    Y: Any,
    rate: float,
    steps: int,
    count: Function = lambda steps: steps,
    evaluated: Function = lambda first, now: now,
    output: Function = lambda Z: Z,
    residual: Function = lambda A, Y: (A - Y) / Y.shape[1],
    slope: Function = lambda Z, A: A * (1 - A),
    weights: Function = lambda dZ, A, l, dA: dZ @ A[l - 1].T,
    bias: Function = lambda dZ, dA: dZ.sum(axis=1, keepdims=True),
    down: Function = lambda W, dZ, dW, dA: W.T @ dZ,
    moved: Function = lambda theta, rate, d: theta - rate * d,
    fixed: Function = lambda old, new: new,
) -> tuple[list[Any], list[Any]]:
    """Return W and b after some steps; the keywords are the places for mistakes."""
    W, b, L, first = list(W), list(b), len(W) - 1, (list(W), list(b))
    for _ in range(count(steps)):
        W_used, b_used = evaluated(first, (W, b))
        A, Z = [X], [EMPTY]
        for l in range(1, L + 1):
            Z.append(W_used[l] @ A[l - 1] + b_used[l])
            A.append(sigmoid(Z[l]) if l < L else output(Z[l]))
        dA = dZ = residual(A[L], Y)
        W, b = list(W), list(b)
        for l in range(L, 0, -1):
            dW, db = weights(dZ, A, l, dA), bias(dZ, dA)
            if l > 1:
                dA = down(W_used[l], dZ, rate * dW, dA)
                dZ = dA * slope(Z[l - 1], A[l - 1])
            W[l], b[l] = (
                moved(W[l], rate, dW),
                fixed(b[l], moved(b[l], rate, db)),
            )
    return W, b


TRAINING = Task(
    arguments="W, b, X, Y, rate, steps",
    returns="W, b",
    cases=training_cases,
    right=training_by_sums,
    passed="On {} networks, W and b after all steps agree to ten digits with a descent that uses "
    "the sums of chapters 2 and 6.",
    model=training_model,
    mistakes={
        "count": {
            "It takes one step, however many it is asked for: is the return inside the loop?": (
                lambda steps: 1
            ),
            "It takes one step too many: range(steps), not range(steps + 1).": (
                lambda steps: steps + 1
            ),
            "It takes one step too few.": lambda steps: max(0, steps - 1),
        },
        "evaluated": {
            "Every step uses the gradient at the first W and b: the forward pass belongs inside "
            "the loop.": lambda first, now: first,
        },
        "output": {
            "The output layer is the identity here; expected no sigmoid there.": sigmoid,
        },
        "residual": {
            "Every step is m times too long: is the 1/m of dA missing?": (
                lambda A, Y: A - Y
            ),
            "It goes uphill: dA is (A[L] - Y) / m, not (Y - A[L]) / m.": (
                lambda A, Y: (Y - A) / Y.shape[1]
            ),
        },
        "slope": {
            "The slope of the sigmoid is missing: dZ is not dA.": lambda Z, A: (
                1.0
            ),
            "The slope of the sigmoid is taken at A: a (1 - a) needs no second sigmoid.": (
                lambda Z, A: sigmoid(A) * (1 - sigmoid(A))
            ),
            "The slope of the sigmoid is a (1 - a), with a and not z.": lambda Z, A: (
                Z * (1 - Z)
            ),
            "dA is multiplied by the sigmoid itself, not by its slope.": lambda Z, A: (
                A
            ),
        },
        "weights": {
            hint: WEIGHT_MISTAKES[hint]
            for hint in (
                "dW is divided by m once too often: the 1/m is in dA already.",
                "dW uses the first input only: where is the product over all inputs?",
            )
        },
        "bias": {
            hint: BIAS_MISTAKES[hint]
            for hint in (
                "db has the value of the first input only: was the sum over the inputs left out?",
                "db is the mean over the inputs; expected the sum, since the 1/m is in dA already.",
            )
        },
        "down": {
            "dA is passed down by W itself: is a transpose missing?": lambda W, dZ, dW, dA: (
                W @ dZ
            ),
            "dA is passed down by the new W[l]: compute it before the step replaces W[l].": (
                lambda W, dZ, dW, dA: (W - dW).T @ dZ
            ),
        },
        "moved": {
            "The rate is missing from the step.": lambda theta, rate, d: (
                theta - d
            ),
            "W[l] is the step itself: was the old W[l] left out?": lambda theta, rate, d: (
                -rate * d
            ),
        },
        "fixed": {"The biases stay as they were.": lambda old, new: old},
    },
    errors={
        r"broadcast .*\((\d+),\d+\) \(\1,\1\)": "Is db[l] a column? Without keepdims=True a sum "
        "over an axis has shape (n,), and b[l] - rate * db[l] is then a square matrix.",
        "broadcast": "Two shapes do not fit. Is db[l] a column, with keepdims=True? Does dA at layer "
        "l - 1 meet the slope at A[l - 1]?",
        "matmul": "The shapes in a product do not fit: dW is dZ @ A[l - 1].T, dA is W[l].T @ dZ. "
        "Layers count from 1 to L.",
    },
)


# One epoch of mini-batches


def epoch_cases() -> Iterator[tuple[Any, ...]]:
    """Yield an error function f, theta, X, Y, size, rate and the order of the columns."""
    rng = np.random.default_rng(91)
    f = Network((2, 3, 2), (tanh, identity)).value_and_gradient
    for m, size in ((7, 3), (6, 2), (5, 5), (4, 1), (5, 9)):
        theta, order = rng.normal(size=17), rng.permutation(m)
        X, Y = rng.normal(size=(2, 2, m))
        yield f, theta, X, Y, size, 0.25, order


def epoch_by_sums(
    f: Any, theta: Any, X: Any, Y: Any, size: int, rate: float, order: Any
) -> Any:
    """Return theta after an epoch; a batch's gradient is the mean over its columns, one by one."""
    left = [int(c) for c in order]
    g = [identity, tanh, identity]
    while left:
        batch, left = left[:size], left[size:]
        W, b = unpack(theta, (2, 3, 2))
        total = np.zeros(len(theta))
        for c in batch:
            Z, A = forward_by_sums(W, b, g, X[:, [c]])
            total += pack(*gradient_by_sums(W, g, Z, A, A[-1] - Y[:, [c]]))
        theta = theta - rate * total / len(batch)
    return theta


def epoch_model(
    f: Any,
    theta: Any,
    X: Any,
    Y: Any,
    size: int,
    rate: float,
    order: Any,
    starts: Function = lambda m, size: range(0, m, size),
    batch: Function = lambda order, k, size: order[k : k + size],
    inputs: Function = lambda S, k: S,
    targets: Function = lambda S, k: S,
    at: Function = lambda first, theta: theta,
    moved: Function = lambda theta, step: theta - step,
) -> Any:
    """Return theta after an epoch; the keywords are the places for mistakes."""
    first = theta
    for k in starts(X.shape[1], size):
        S = batch(order, k, size)
        X_S, Y_S = X[:, inputs(S, k)], Y[:, targets(S, k)]
        theta = moved(theta, rate * f(at(first, theta), X_S, Y_S)[1])
    return theta


def as_they_come(S: Any, k: int) -> Any:
    """Return as many columns from k on, in their own order."""
    return np.arange(k, k + len(S))


EPOCH = Task(
    arguments="f, theta, X, Y, size, rate, order",
    returns="theta",
    cases=epoch_cases,
    right=epoch_by_sums,
    passed="On {} problems, with last batches that are full and that are not, theta agrees to ten "
    "digits with an epoch whose gradients are sums over single columns.",
    model=epoch_model,
    errors={
        r"shape \(2, 0\)": "A batch has no columns: is your last batch empty where size divides m?",
    },
    mistakes={
        "starts": {
            "The last batch is missing where size does not divide m: it is smaller, but it counts.": (
                lambda m, size: range(0, m - size + 1, size)
            ),
            "Only the first batch is used: is the return inside the loop?": (
                lambda m, size: range(1)
            ),
            "The batches overlap: each begins where the one before has ended, range(0, m, size).": (
                lambda m, size: range(m)
            ),
        },
        "batch": {
            "Every step uses all columns: where is the batch?": lambda order, k, size: (
                order
            ),
            "The columns are taken as they come, not in the given order.": (
                lambda order, k, size: np.arange(len(order))[k : k + size]
            ),
        },
        "inputs": {
            "The columns of X are not taken in the given order, those of Y are.": as_they_come,
        },
        "targets": {
            "The columns of Y are not taken in the given order: every x has somebody else's y.": (
                as_they_come
            ),
        },
        "at": {
            "Every gradient is taken at the first theta; expected the theta of the moment.": (
                lambda first, theta: first
            ),
        },
        "moved": {
            "The step goes uphill: theta - rate * gradient.": lambda theta, step: (
                theta + step
            ),
        },
    },
)


# When to stop


def walks_and_errors() -> Iterator[tuple[list[float], int, int]]:
    """Yield validation errors by step, the largest number of steps, and a patience."""
    dips = [5.0, 4.0, 4.5, 3.0, 3.5, 3.2, 2.0, 2.5, 2.6, 2.2, 2.1, 2.3, 1.0]
    yield dips, 12, 4  # stops at 10, two steps before the least
    yield [9.0, 8.0, 6.0, 5.0, 3.0, 2.0], 5, 2  # falls to the end
    yield [1.0, 2.0, 3.0, 2.5, 4.0, 5.0, 0.5], 6, 3  # the start is the best
    yield [4.0, 3.0, 2.0, 2.5, 2.6, 2.4], 5, 9  # the steps end before patience
    yield [4.0, 3.0, 3.5, 2.0, 2.2, 2.1, 1.5, 1.6, 1.7], 8, 1  # impatient
    yield [7.0, 8.0, 7.5, 7.2, 6.0, 6.5, 6.4, 6.2, 6.1, 5.0], 9, 5  # late again
    yield [4.0, 3.0, 3.5, 3.0, 3.2, 3.6, 2.0], 6, 3  # a tie is no new best


def stopping_cases() -> Iterator[tuple[Any, ...]]:
    """Yield f, theta, E_val, rate, steps and patience: known errors at steps 0, 1, 2, ..."""
    for errors, steps, patience in walks_and_errors():

        def f(theta: Any) -> tuple[float, Any]:
            # Training errors fall, but rise at every third step.
            k = round(4 * float(theta[0]))
            return 3.0 * (k % 3 == 2) - k, np.array([-1.0, -2.0])

        def E_val(theta: Any, errors: list[float] = errors) -> float:
            k = round(4 * float(theta[0]))
            return errors[min(max(k, 0), len(errors) - 1)]

        yield f, np.zeros(2), E_val, 0.25, steps, patience
    yield slanted_bowl, np.array([1.0, -2.0]), waves, 0.25, 30, 5


def slanted_bowl(x: Any) -> tuple[float, Any]:
    """Return x_1^2 + x_2^2 / 2 and its gradient."""
    return float(x[0] ** 2 + x[1] ** 2 / 2), np.array([2 * x[0], x[1]])


def waves(x: Any) -> float:
    """Return an error with several minima on the way of the descent."""
    return math.sin(8 * float(x[1]))


def stopping_by_table(
    f: Any, theta: Any, E_val: Any, rate: float, steps: int, patience: int
) -> tuple[Any, int]:
    """Return the best theta and the last step, looked up in a list of all steps."""
    walk = [theta]
    for _ in range(steps):
        walk.append(walk[-1] - rate * f(walk[-1])[1])
    errors = [E_val(x) for x in walk]
    for last in range(steps + 1):
        best = errors.index(min(errors[: last + 1]))
        if last - best == patience:
            break
    return walk[best], last


def stopping_model(
    f: Any,
    theta: Any,
    E_val: Any,
    rate: float,
    steps: int,
    patience: int,
    watched: Function = lambda f, E_val, theta: E_val(theta),
    moved: Function = lambda theta, step: theta - step,
    before: Function = lambda E: E,
    better: Function = lambda E, E_best, E_last: E_best > E,
    enough: Function = lambda k, best, rises, in_a_row, patience: (
        k - best >= patience
    ),
    kept: Function = lambda best, last: best,
    counted: Function = lambda last, best: last,
) -> tuple[Any, int]:
    """Return the best theta and the last step; the keywords are the places for mistakes."""
    best, k_best, k = theta, 0, 0
    E_last = watched(f, E_val, theta)
    E_best, rises, in_a_row = before(E_last), 0, 0
    for k in range(1, steps + 1):
        theta = moved(theta, rate * f(theta)[1])
        E = watched(f, E_val, theta)
        rises += E_last < E
        in_a_row = in_a_row + 1 if E_last < E else 0
        if better(E, E_best, E_last):
            best, k_best, E_best = theta, k, E
        E_last = E
        if enough(k, k_best, rises, in_a_row, patience):
            break
    return kept(best, theta), counted(k, k_best)


STOPPING = Task(
    arguments="f, theta, E_val, rate, steps, patience",
    returns="best, k",
    cases=stopping_cases,
    right=stopping_by_table,
    passed="On {} descents, with validation errors that dip once, twice or never, you keep the "
    "best theta and stop at the right step.",
    model=stopping_model,
    mistakes={
        "watched": {
            "It watches the training error, f(theta)[0]; expected the validation error, "
            "E_val(theta).": lambda f, E_val, theta: f(theta)[0],
        },
        "moved": {
            "The step goes uphill: theta - rate * gradient.": lambda theta, step: (
                theta + step
            ),
        },
        "before": {
            "You ignore the starting theta: it may be the best. Begin with its E_val.": (
                lambda E: np.inf
            ),
        },
        "better": {
            "Best is replaced whenever E falls below the step before; expected below the least "
            "so far.": lambda E, E_best, E_last: E_last > E,
            "Best is replaced when E rises; expected when it falls below the least so far.": (
                lambda E, E_best, E_last: E_best < E
            ),
            "A tie counts as a new best; expected E below the least so far, <, not <=.": (
                lambda E, E_best, E_last: E_best >= E
            ),
            "Best is replaced at every step: where is the comparison with the least so far?": (
                lambda E, E_best, E_last: True
            ),
        },
        "enough": {
            "It stops at the first rise, however large the patience.": (
                lambda k, best, rises, in_a_row, patience: rises > 0
            ),
            "Patience is counted from step 0; expected from the best step.": (
                lambda k, best, rises, in_a_row, patience: k >= patience
            ),
            "It counts all rises; expected the steps since the best one.": (
                lambda k, best, rises, in_a_row, patience: rises >= patience
            ),
            "It counts rises in a row; expected the steps since the best one, whether E rises "
            "or falls.": (
                lambda k, best, rises, in_a_row, patience: in_a_row >= patience
            ),
            "It stops a step too late: stop when patience steps have passed, >=, not >.": (
                lambda k, best, rises, in_a_row, patience: k - best > patience
            ),
            "It stops a step too early: wait until patience steps have passed since the best.": (
                lambda k, best, rises, in_a_row, patience: (
                    k - best >= patience - 1
                )
            ),
            "It never stops before the last step: where is the patience?": (
                lambda k, best, rises, in_a_row, patience: False
            ),
        },
        "kept": {
            "That is the last theta, not the best: was the best one kept? (theta -= ... would "
            "change it, too.)": lambda best, last: last,
        },
        "counted": {
            "k is the number of the best step; expected that of the last step taken.": (
                lambda last, best: best
            ),
            "k is one too large: it is the number of steps taken.": lambda last, best: (
                last + 1
            ),
            "k is one too small: after the first step, k is 1.": lambda last, best: (
                last - 1
            ),
        },
    },
)


# An unknown patient


WRONG_EXAMINATIONS: dict[str, Function] = {
    "E starts at 0.72, where its own Y lets you expect 0.74. (If you compared with the sine's 0.26: "
    "well seen, but it does not say where.)": lambda: 1,
    "Z and dZ have the sizes that the healthy program's have.": lambda: 2,
    "The gradient passes the check: all 61 derivatives are right.": lambda: 3,
    "It learns the columns 0, 25, 50, 75 and 99 by heart; which ones were not tried?": (
        lambda: 4
    ),
}


def diagnosis_model(
    examination: Function = lambda: 5,
    index: Function = lambda: patients.SLIP,
) -> tuple[int, int]:
    """Return which examination finds what is wrong with F, and where; keywords for mistakes."""
    return examination(), index()


def diagnosis_explanation(leaves: Leaves) -> str:
    """Return what is wrong with the wrong examination, or with the wrong column."""
    examination, index = (
        float(leaves[name]) for name in ("examination", "index")
    )
    for hint, wrong in WRONG_EXAMINATIONS.items():
        if examination == wrong():
            return hint
    if examination != 5:
        return (
            "Expected the number of one of the five examinations, and an index."
        )
    if index not in range(100):
        return "The columns have the indices 0 to 99."
    x, y = (part[0, int(index)] for part in patients.data("F"))
    return f"Column {index:.0f} is as it should be: y is {y:.4f}, the sine of {x:.1f}."


DIAGNOSIS = Task(
    arguments="",
    returns="examination, index",
    cases=lambda: [()],
    right=lambda: (5, patients.SLIP),
    passed="That number is wrong, and it is the only one. Without this column F ends below 0.005 "
    "after 5000 steps, like the healthy program.",
    model=diagnosis_model,
    mistakes={
        "examination": WRONG_EXAMINATIONS,
        "index": {
            "The right column, counted from 1; expected its index, from 0.": lambda: (
                patients.SLIP + 1
            ),
        },
    },
    explain=diagnosis_explanation,
)


# A network of your own

BOUND = 0.001
"""What E must not exceed."""


@cache
def a_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for the files of the reader's networks, which goes when Python ends."""
    return tempfile.TemporaryDirectory()


def tent_pairs() -> tuple[Any, Any]:
    """Return 41 pairs of x and |x|, as rows."""
    x = np.arange(-20, 21).reshape(1, -1) / 10
    return x, np.abs(x)


def own_cases() -> Iterator[tuple[Any, ...]]:
    """Yield the pairs, and a place for a file."""
    yield *tent_pairs(), Path(a_folder().name) / "own.npz"


def own_view(leaves: Leaves, X: Any, Y: Any, path: Any) -> Leaves:
    """Return E, where all values that are small enough count as the same."""
    E = leaves["E"]
    return {"E": np.array(BOUND) if 0 <= E <= BOUND else E}


def own_explanation(leaves: Leaves) -> str:
    """Return what is wrong with an error that is not small."""
    E = float(leaves["E"])
    if E < 0:
        return f"E is {E:.2g}; an error is never negative."
    hint = f"E is {E:.2g}; expected at most {BOUND}."
    return f"{hint} More steps, more units, another rate, Adam, another seed?"


def own_model(X: Any, Y: Any, path: Any) -> Any:
    """Return E of a network that was trained, saved and loaded again."""
    network = Network((1, 20, 1), (tanh, identity))
    start = random_normal(network.n, np.random.default_rng(0), scale=1.0)
    f = network.objective(X, Y)
    end = gradient_descent(f, start, 0.05, 500, rule=adam())
    network.save(path, end)
    return network.E(network.load(path), X, Y)


def read_own(path: Path) -> tuple[Network, Any]:
    """Return the network and theta of a file, whatever it was saved as."""
    functions = {
        g.name: g
        for g in (identity, sigmoid, relu, tanh, softplus, leaky_relu, gelu)
    }
    with np.load(path) as saved:
        n = tuple(int(k) for k in saved["n"])
        network = Network(n, [functions[str(name)] for name in saved["g"]])
    return network, network.load(path)


def leaves_a_file(function: Function) -> bool:
    """Return whether there is a file of a network afterward where there was none."""
    path = Path(a_folder().name) / "new.npz"
    path.unlink(missing_ok=True)
    function(*tent_pairs(), path)
    return path.is_file()


def file_holds_what_was_returned(function: Function) -> bool:
    """Return whether the network in the file has the error that was returned."""
    path = Path(a_folder().name) / "again.npz"
    X, Y = tent_pairs()
    E = float(function(X, Y, path))
    network, theta = read_own(path)
    return bool(np.isclose(network.E(theta, X, Y), E, rtol=1e-6, atol=1e-12))


OWN = Task(
    arguments="X, Y, path",
    returns="E",
    cases=own_cases,
    right=lambda X, Y, path: BOUND,
    passed="Your network computes |x| with E below 0.001, and what is in the file has the error "
    "that you returned.",
    model=own_model,
    mistakes={},
    view=own_view,
    explain=own_explanation,
    properties={
        "E is small, but there is no file: network.save(path, theta).": leaves_a_file,
        "E is small, but the network in the file has another error: was the trained theta saved?": (
            file_holds_what_was_returned
        ),
    },
)


# How large weighted sums and blame are


def measured_cases() -> Iterator[tuple[Any, ...]]:
    """Yield W, b, g, X and Y of networks of several depths, with slopes at every output."""
    rng = np.random.default_rng(92)
    shapes = [(3, 3, 3, 3), (2, 3, 2), (2, 4), (3, 5, 4, 2), (1, 6, 1)]
    for n in shapes:
        W, b, _ = random_network(rng, n, [identity])
        g = [identity, *[tanh] * (len(n) - 2), sigmoid]
        m = int(rng.integers(4, 8))
        X, Y = rng.normal(size=(n[0], m)), rng.normal(size=(n[-1], m))
        yield W, b, g, X, Y
    yield example.W, example.b, example.g, example.X, example.Y


def measured_by_sums(
    W: Any, b: Any, g: Any, X: Any, Y: Any
) -> tuple[list[Any], list[Any]]:
    """Return the sizes, node by node: an output's blame from dA, a hidden node's from its links."""
    Z, A = forward_by_sums(W, b, g, X)
    L, m = len(W) - 1, X.shape[1]
    blame: dict[int, list[list[float]]] = {}
    for l in range(L, 0, -1):
        slopes = g[l].dg(Z[l], A[l])
        blame[l] = [[0.0] * m for _ in W[l]]
        for i, c in itertools.product(range(len(W[l])), range(m)):
            came = (
                (A[L][i, c] - Y[i, c]) / m
                if l == L
                else sum(
                    W[l + 1][k, i] * blame[l + 1][k][c]
                    for k in range(len(W[l + 1]))
                )
            )
            blame[l][i][c] = came * slopes[i, c]

    def size(numbers: Any) -> Any:
        flat = [float(x) for row in numbers for x in row]
        return np.array(math.sqrt(math.fsum(x * x for x in flat) / len(flat)))

    layers = range(1, L + 1)
    sums, blames = ([size(part[l]) for l in layers] for part in (Z, blame))
    return [EMPTY, *sums], [EMPTY, *blames]


def root_mean_square(x: Any) -> Any:
    """Return the root of the mean of the squares."""
    return np.sqrt(np.mean(x**2))


def measured_model(
    W: Any,
    b: Any,
    g: Any,
    X: Any,
    Y: Any,
    size: Function = root_mean_square,
    sums: Function = lambda Z, A: Z,
    residual: Function = lambda A, Y: (A - Y) / Y.shape[1],
    at_output: Function = lambda dA, slope: dA * slope,
    slope: Function = lambda dA, g, l, Z, A: dA * g[l].dg(Z[l], A[l]),
    down: Function = lambda W, dZ, dA: W.T @ dZ,
    blame: Function = lambda dA, dZ: dZ,
    order: Function = lambda sizes: sizes,
) -> tuple[list[Any], list[Any]]:
    """Return the sizes of Z and dZ; the keywords are the places for mistakes."""
    Z, A = forward(W, b, g, X)
    L = len(W) - 1
    dA = residual(A[L], Y)
    dZ = at_output(dA, g[L].dg(Z[L], A[L]))
    found = [size(blame(dA, dZ))]
    for l in range(L - 1, 0, -1):
        dA = down(W[l + 1], dZ, dA)
        dZ = slope(dA, g, l, Z, A)
        found.insert(0, size(blame(dA, dZ)))
    first = [size(sums(Z[l], A[l])) for l in range(1, L + 1)]
    return [EMPTY, *first], [EMPTY, *order(found)]


SIZES = Task(
    arguments="W, b, g, X, Y",
    returns="Z_sizes, dZ_sizes",
    cases=measured_cases,
    right=measured_by_sums,
    passed="On {} networks with one to three layers, both sizes agree to ten digits with sums over "
    "single nodes.",
    model=measured_model,
    mistakes={
        "size": {
            "The root is missing: a size has the unit of the numbers, not of their squares.": (
                lambda x: np.mean(x**2)
            ),
            "That is the root of the sum of the squares; divide by how many there are, or wide "
            "layers look large.": lambda x: np.sqrt(np.sum(x**2)),
            "The mean is taken without squares, so numbers of both signs cancel.": np.mean,
            "That is the mean absolute value; expected the root of the mean square.": (
                lambda x: np.mean(abs(x))
            ),
            "That is the standard deviation, which subtracts the mean first.": np.std,
            "That is the largest absolute value; expected the root of the mean square.": (
                lambda x: abs(x).max()
            ),
        },
        "sums": {"The sizes of A are in place of those of Z.": lambda Z, A: A},
        "residual": {
            "The 1/m of dA is missing.": lambda A, Y: A - Y,
        },
        "at_output": {
            "The slope at the output is missing: not every network ends in the identity.": (
                lambda dA, slope: dA
            ),
        },
        "slope": {
            "The slope is missing in hidden layers: dZ is not dA.": lambda dA, g, l, Z, A: (
                dA
            ),
            "The slope is taken at A; expected at Z: g[l].dg(Z[l], A[l]).": lambda dA, g, l, Z, A: (
                dA * g[l].dg(A[l], g[l](A[l]))
            ),
        },
        "down": {
            "dA is passed down by W itself: is a transpose missing?": lambda W, dZ, dA: (
                W @ dZ
            ),
            "dA is passed down from dA; expected from dZ of the layer above.": (
                lambda W, dZ, dA: W.T @ dA
            ),
        },
        "blame": {
            "The sizes of dA are in place of those of dZ.": lambda dA, dZ: dA,
        },
        "order": {
            "The blame is listed from the output down; expected dZ_sizes[l] for layer l.": (
                lambda sizes: sizes[::-1]
            ),
        },
    },
    errors={
        "matmul": "The shapes in a product do not fit: dA of layer l is W[l + 1].T @ dZ, with the "
        "dZ of layer l + 1.",
        "broadcast": "Two shapes do not fit: is the slope taken at the layer to which dA belongs?",
        "IndexError": "Layers count from 1 to L, and the lists have L + 1 entries.",
    },
)
