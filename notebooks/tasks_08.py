"""The tasks of chapter 8: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from checking import Function, Leaves, Task
from nnlib import (
    EMPTY,
    forward,
    gelu,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softplus,
    tanh,
)
from tasks_shared import single

# The sigmoid without overflow


def sigmoid_cases() -> Iterator[tuple[Any, ...]]:
    """Yield matrices of numbers, small and large, and the weighted sums of the example."""
    rng = np.random.default_rng(8)
    yield (rng.normal(size=(3, 4)),)
    yield (10 * rng.normal(size=(2, 5)),)
    for _ in range(10):
        yield (3 * rng.normal(size=rng.integers(1, 6, size=2)),)
    yield (np.array([[-1000.0, -40.0, 0.0], [40.0, 1000.0, 1.0]]),)
    yield single((rng.normal(size=(3, 4)),))
    yield (np.log(3) * np.array([[0.0, -2.0, 2.0], [-1.0, 1.0, 0.0]]),)


def plain_sigmoid(z: float) -> float:
    """Return the sigmoid of one number, from Python's math."""
    r = math.exp(-abs(z))
    return (1 if z >= 0 else r) / (1 + r)


def sigmoid_by_elements(Z: Any) -> Any:
    """Return the sigmoid of every element."""
    return np.array([[plain_sigmoid(float(z)) for z in row] for row in Z])


def sigmoid_model(Z: Any, value: Function = sigmoid) -> Any:
    """Return the sigmoid of every element; the keyword is the place for mistakes."""
    return value(Z)


def does_not_overflow(function: Function) -> bool:
    """Return whether no exponential overflows, from -1000 to 1000."""
    try:
        with np.errstate(over="raise", invalid="raise"):
            function(np.array([[-1000.0, -710.0, 0.0, 710.0, 1000.0]]))
    except FloatingPointError:
        return False
    return True


def small_values_keep_their_digits(function: Function) -> bool:
    """Return whether tiny values of the sigmoid are right to ten of their own digits."""
    Z = np.array([[-20.0, -40.0, -100.0, -700.0]])
    return np.allclose(function(Z), sigmoid_by_elements(Z), rtol=1e-10, atol=0)


SIGMOID = Task(
    arguments="Z",
    returns="A",
    cases=sigmoid_cases,
    right=sigmoid_by_elements,
    passed="On {} matrices, every element agrees with Python's math to ten digits, tiny values "
    "too, and nothing overflows.",
    model=sigmoid_model,
    mistakes={
        "value": {
            "Is the sign of z lost? This is the sigmoid of -z.": lambda Z: (
                sigmoid(-Z)
            ),
            "For negative z this is the value at |z|: there, r / (1 + r).": (
                lambda Z: sigmoid(np.abs(Z))
            ),
            "For positive z this is the value at -|z|: there, 1 / (1 + r).": (
                lambda Z: sigmoid(-np.abs(Z))
            ),
            "This is e^z / (1 + e^z), which is infinity / infinity at z = 1000: use it for "
            "negative z only.": lambda Z: np.exp(Z) / (1 + np.exp(Z)),
            "This is the slope, a (1 - a); expected the value a.": lambda Z: (
                sigmoid(Z) * (1 - sigmoid(Z))
            ),
            "This is tanh, which runs from -1 to 1.": np.tanh,
        },
    },
    properties={
        "The values are right, but an exponential overflows on the way. Note that np.where "
        "computes both forms for all elements before it chooses; e^-|z| is never above 1.": (
            does_not_overflow
        ),
        "Where the sigmoid is tiny, its digits are lost: is it a difference, such as 1 - ...?": (
            small_values_keep_their_digits
        ),
    },
)


# An activation function of the reader's own

SEVEN = [identity, sigmoid, tanh, relu, leaky_relu, softplus, gelu]


def activation_cases() -> Iterator[tuple[Any, ...]]:
    """Yield matrices with three rows: z - h, z and z + h."""
    rng = np.random.default_rng(88)
    far = np.array([4.61, 5.37, 6.53, 8.07, 11.3, 19.7, 24.3, 61.7])
    far = np.concatenate([-far[::-1], far])
    for z in (np.linspace(-4.03, 4.07, 28), 2 * rng.normal(size=9), far):
        yield (z + np.array([[-1e-6], [0.0], [1e-6]]),)


def softsign_model(
    Z: Any,
    value: Function = lambda Z: Z / (1 + np.abs(Z)),
    slope: Function = lambda Z, A: (1 - np.abs(A)) ** 2,
) -> tuple[Any, Any]:
    """Return z / (1 + |z|) and its derivative; the keywords are the places for mistakes."""
    A = value(Z)
    return A, slope(Z, A)


def slopes_that_differ(leaves: Leaves, Z: Any) -> Leaves:
    """Return slopes and differences of values where the two are not the same, else 0."""
    A, slope = leaves["A"], leaves["slope"]
    differences = (A[2] - A[0]) / (Z[2] - Z[0])
    same = np.abs(slope[1] - differences) <= 1e-6 * (1 + np.abs(differences))
    pairs = [Z[1], slope[1], differences]
    dtype = np.result_type(A, np.float32)  # of whole numbers, float64
    return {"slope": np.where(same, 0.0, np.array(pairs, dtype))}


def slope_explanation(leaves: Leaves) -> str:
    """Return which slopes are wrong, and what the likely slip is."""
    z, slopes, differences = leaves["slope"][:, np.any(leaves["slope"], axis=0)]
    if leaves["slope"].dtype != np.float64:
        return f"The values have dtype {leaves['slope'].dtype}; expected that of Z, float64."
    finite = np.isfinite(slopes) & np.isfinite(differences)
    if not finite.all():
        return f"There is NaN or infinity, at z = {z[~finite][0]:.4g}."
    k = int(np.argmax(np.abs(slopes - differences)))
    found = (
        f"At z = {z[k]:.4g} your slope is {slopes[k]:.4g}; differences of your g say "
        f"{differences[k]:.4g}."
    )
    factor = slopes @ differences / max(differences @ differences, 1e-300)
    if np.allclose(slopes, factor * differences, rtol=1e-4, atol=1e-6):
        if abs(factor + 1) < 1e-4:
            return f"{found} Right up to the sign."
        if abs(factor - 1) < 1e-3:
            return f"{found} They nearly agree: a small slip, or a g that is too steep to check?"
        if abs(factor) > 1e-6:
            return f"{found} Right up to the factor {factor:.4g}: is an inner derivative missing?"
    if len(z) < 28 and (np.all(z > 0) or np.all(z < 0)):
        side = "positive" if z[0] > 0 else "negative"
        return f"{found} All that is wrong is at {side} z."
    return found


def works_element_by_element(function: Function) -> bool:
    """Return whether an element's value and slope do not depend on the others."""
    Z = next(activation_cases())[0]
    together = function(Z.copy())
    alone = function(Z[1:2, 4:5].copy())
    return all(
        np.allclose(np.asarray(one)[0, 0], np.asarray(all_)[1, 4])
        for one, all_ in zip(alone, together, strict=True)
    )


def activation_objection(function: Function) -> str:
    """Return what is wrong with g where no case looks: at 0, far out, and where it jumps."""
    with np.errstate(all="ignore"):
        A, slope = function(np.array([[0.0, -1000.0, 1000.0]]))
        finite = np.isfinite([A[0], slope[0]]).all(axis=0)
    if not finite[0]:
        return "At z = 0 there is NaN or infinity: is there a division by 0?"
    if not finite.all():
        return "At z = 1000 or -1000 there is NaN or infinity: does an exponential overflow?"
    places, is_flat = jumps(function)
    if places:
        jump = f"Your g jumps at z = {min(places, key=abs):.4g}, and a jump has no slope."
        if is_flat:
            return (
                f"{jump} Everywhere else your slope is 0, so no blame ever gets through: "
                "gradient descent can train neither this layer nor those below."
            )
        return (
            f"{jump} Gradient descent does not see it. Find a g without jumps."
        )
    A, slope = function(np.array([[-1e-7, 0.0, 1e-7]]))
    sides = np.diff(A[0]) / 1e-7
    if not min(sides) - 1e-4 <= slope[0, 1] <= max(sides) + 1e-4:
        return "At z = 0 your slope is neither one of the two sides' nor between them."
    return ""


def jumps(function: Function) -> tuple[list[float], bool]:
    """Return where g jumps between -20 and 20, and whether its slope is 0 at all points tried.

    Where g changes by another amount than its slopes say, the interval is halved until its ends
    are neighbors. What is left of the difference is tiny, unless there is a jump.
    """
    z = np.linspace(-20, 20, 4001)
    A, slope = (np.asarray(x, float)[0] for x in function(z[np.newaxis]))
    trend = (slope[1:] + slope[:-1]) / 2
    excess = np.abs(np.diff(A) - trend * np.diff(z))
    odd = excess > 1e-6 * (1 + np.abs(A[1:]))
    trend, excess, left, right = (
        trend[odd],
        excess[odd],
        z[:-1][odd],
        z[1:][odd],
    )

    def beyond_trend(at: Any) -> Any:
        return np.asarray(function(at[np.newaxis])[0], float)[0] - trend * at

    for _ in range(60 if odd.any() else 0):
        middle = (left + right) / 2
        low, half, high = map(beyond_trend, (left, middle, right))
        first = np.abs(half - low) >= np.abs(high - half)
        left, right = np.where(first, [left, middle], [middle, right])
    stays = np.abs(beyond_trend(right) - beyond_trend(left)) > excess / 2
    return [float(x) for x in right[stays].round(12) + 0.0], not slope.any()


def is_curved(function: Function) -> bool:
    """Return whether the values do not all lie on one straight line that rises or falls."""
    z = np.array([np.append(np.linspace(-20, 20, 401), [-1000.0, 1000.0])])
    A = np.asarray(function(z.copy())[0], float)
    line = A[0, 200] + (A[0, 400] - A[0, 200]) / 20 * z
    is_straight = np.allclose(A, line, rtol=1e-6, atol=1e-9)
    return not is_straight or not depends_on_z(function)


def depends_on_z(function: Function) -> bool:
    """Return whether the values are not all the same number."""
    z = np.array([np.append(np.linspace(-20, 20, 401), [-1000.0, 1000.0])])
    A = np.asarray(function(z)[0], float)
    return not np.allclose(A, A[0, 0], rtol=1e-6, atol=1e-9)


def is_new(function: Function) -> bool:
    """Return whether this is none of the seven functions of the chapter."""
    Z = next(activation_cases())[0]
    values = function(Z.copy())[0]
    return not any(np.allclose(values, g(Z), atol=1e-9) for g in SEVEN)


ACTIVATION = Task(
    arguments="Z",
    returns="A, slope",
    cases=activation_cases,
    right=softsign_model,
    passed="On {} matrices, the slopes agree with differences of the values to a millionth.",
    model=softsign_model,
    mistakes={},
    view=slopes_that_differ,
    explain=slope_explanation,
    properties={
        "An element's result depends on the others: g has to work element by element.": (
            works_element_by_element
        ),
    },
    objection=activation_objection,
    remarks={
        "(It is a straight line, though: layers of it are no more than one layer.)": is_curved,
        "(It is a constant, though: nothing gets through it, neither input nor blame.)": (
            depends_on_z
        ),
        "(It is one of the seven of this chapter, though. And one of your own?)": is_new,
    },
)


# The share of the blame that arrives


def share_cases() -> Iterator[tuple[Any, ...]]:
    """Yield g, omega, Z and A of random layers of equal width, of several depths."""
    rng = np.random.default_rng(821)
    for g, omega, depth in (
        (tanh, 1.7, 4),
        (sigmoid, 60.0, 3),
        (relu, 2.0, 2),
        (gelu, 2.5, 5),
        (softplus, 1.3, 6),
        (tanh, 1.5, 20),
    ):
        W: list[Any] = [EMPTY]
        for _ in range(depth):
            W.append(math.sqrt(omega / 12) * rng.normal(size=(12, 12)))
        b = [EMPTY, *(np.zeros((12, 1)) for _ in range(depth))]
        X = rng.normal(size=(12, 5))
        yield g, omega, *forward(W, b, [g] * (depth + 1), X)


def share_by_sums(g: Any, omega: float, Z: Any, A: Any) -> Any:
    """Return the root of the product of omega and the mean square of the slopes, by sums."""
    product = 1.0
    for Z_l, A_l in zip(Z[1:-1], A[1:-1], strict=True):
        slopes = [
            float(g.dg(np.array([z]), np.array([a]))[0])
            for z, a in zip(Z_l.flat, A_l.flat, strict=True)
        ]
        product *= omega * math.fsum(s * s for s in slopes) / len(slopes)
    return np.array(math.sqrt(product))


def share_model(
    g: Any,
    omega: float,
    Z: Any,
    A: Any,
    layers: Function = lambda L: range(1, L),
    slope: Function = lambda g, Z, A: g.dg(Z, A),
    mean: Function = lambda slopes: np.mean(slopes**2),
    weights: Function = lambda omega, steps: omega**steps,
    size: Function = np.sqrt,
) -> Any:
    """Return the share of the blame that arrives; the keywords are the places for mistakes."""
    of = list(layers(len(Z) - 1))
    means = [mean(slope(g, Z[l], A[l])) for l in of]
    return size(weights(omega, len(of)) * np.prod(means))


SHARE = Task(
    arguments="g, omega, Z, A",
    returns="share",
    cases=share_cases,
    right=share_by_sums,
    passed="In {} networks of two to twenty layers, the share agrees to ten digits with sums over "
    "single slopes.",
    model=share_model,
    mistakes={
        "layers": {
            "The slopes of layer L are counted, too; dZ^L already has them.": (
                lambda L: range(1, L + 1)
            ),
            "The slopes are those of layers 2 to L; on the way from dZ^L to dZ^1, the blame "
            "meets those of layers L - 1 to 1.": lambda L: range(2, L + 1),
            "The slopes of layer 1 are missing: dZ^1 has them.": lambda L: (
                range(2, L)
            ),
        },
        "slope": {
            "g is in place of its slope, g.dg(Z[l], A[l]).": lambda g, Z, A: A,
            "The slope is taken at A; expected at Z: g.dg(Z[l], A[l]).": lambda g, Z, A: (
                g.dg(A, g(A))
            ),
        },
        "mean": {
            "The slopes are not squared: (8.23) has the mean of their squares.": np.mean,
            "The mean comes before the square: square each slope first.": (
                lambda slopes: np.mean(slopes) ** 2
            ),
            "The squares are summed; expected their mean.": lambda slopes: (
                np.sum(slopes**2)
            ),
        },
        "weights": {
            "omega is missing: the weights are a factor in every step.": (
                lambda omega, steps: 1.0
            ),
            "omega is there only once; it is a factor in every step.": (
                lambda omega, steps: omega
            ),
            "omega is squared; under the root of (8.23) it is not.": (
                lambda omega, steps: omega ** (2 * steps)
            ),
        },
        "size": {
            "The root is missing: (8.23) has one, and a share is one of sizes.": (
                lambda squares: squares
            ),
        },
    },
    errors={
        "IndexError": "Layers count from 1 to L, and Z has L + 1 entries: L is len(Z) - 1.",
        "TypeError.*list": "Z and A are lists, with an array for each layer: Z[l], A[l].",
    },
)


# First weights. They are random, so what is compared is their variances, each relative to the one
# that is asked for, and rounded to what one of the usual mistakes would lead to.


def widths_cases() -> Iterator[tuple[Any, ...]]:
    """Yield uneven widths, so large that a variance can be told from another one."""
    for seed, n in enumerate([(300, 200, 500, 100), (150, 400, 100)]):
        yield n, np.random.default_rng(seed)


def weights_with_exact_squares(n: Any, rng: Any) -> tuple[Any, Any]:
    """Return weights of the two signs in turn, whose squares are all 2 / n^(l-1)."""
    W, b = [EMPTY], [EMPTY]
    for before, here in itertools.pairwise(n):
        signs = np.resize([1.0, -1.0], (here, before))
        W.append(signs * math.sqrt(2 / before))
        b.append(np.zeros((here, 1)))
    return W, b


def first_weights_model(
    n: Any,
    rng: Any,
    variance: Function = lambda before, here: 2 / before,
    bias: Function = lambda rng, b: b,
) -> tuple[Any, Any]:
    """Return normal weights for ReLU; the keywords are the places for mistakes."""
    W, b = [EMPTY], [EMPTY]
    for before, here in itertools.pairwise(n):
        scale = math.sqrt(variance(before, here))
        W.append(scale * rng.standard_normal((here, before)))
        b.append(bias(rng, np.zeros((here, 1))))
    return W, b


WRONG_VARIANCES: dict[str, Function] = {
    "The variance is 2 / n^l, n^l being the rows of W^l (fan-out). That keeps sizes on the way "
    "back; asked for is the way forward, where each sum has n^(l-1) terms.": (
        lambda before, here: 2 / here
    ),
    "The factor 2 is missing: ReLU loses half of the squares, so n^(l-1) v^l has to be 2.": (
        lambda before, here: 1 / before
    ),
    "The variance is 1 / n^l: n^l is the number of rows, for the way back (fan-out), and the "
    "factor 2 for ReLU is missing.": lambda before, here: 1 / here,
    "The standard deviation is 2 / n^(l-1), but that is the variance: is a square root missing?": (
        lambda before, here: (2 / before) ** 2
    ),
    "The standard deviation is 1 / n^(l-1): is a square root missing, and the 2 for ReLU?": (
        lambda before, here: (1 / before) ** 2
    ),
    "The standard deviation is 2 / n^l: is a square root missing? And n^l is the number of rows, "
    "for the way back.": lambda before, here: (2 / here) ** 2,
    "This makes the average of the two conditions right; asked for is the one of the way "
    "forward.": lambda before, here: 4 / (before + here),
    "This is a compromise between both ways, and without the factor 2 for ReLU.": (
        lambda before, here: 2 / (before + here)
    ),
    "The variance is 1: the weights are not scaled.": lambda before, here: 1.0,
    "The variance is 2 / (3 n^(l-1)): uniform numbers from -a to a have the variance a^2 / 3.": (
        lambda before, here: 2 / (3 * before)
    ),
}


def means_and_variances(
    leaves: Leaves, n: Any, rng: Any = None, *others: Any
) -> Leaves:
    """Return of each W[l] mean and mean square, in units of what is expected, and whether b[l] is 0."""
    view: Leaves = {}
    for leaf, x in leaves.items():
        l = int(leaf[2:-1])
        if leaf[0] == "b":
            view[leaf] = np.array([0.0 if np.all(x == 0) else 1.0])
            continue
        right = 2 / n[l - 1]
        mean = float(np.mean(x)) / math.sqrt(right)
        square = float(np.mean(x**2)) / right
        wrong = [v(n[l - 1], n[l]) for v in WRONG_VARIANCES.values()]
        for ratio in [1.0, *(v / right for v in wrong)]:
            if abs(square / ratio - 1) < 6 * math.sqrt(2 / x.size):
                square = ratio
        if abs(mean) < 6 * math.sqrt(square / x.size):
            mean = 0.0
        view[leaf] = np.array([mean, square])
    return view


def first_weights_explanation(leaves: Leaves) -> str:
    """Return what is wrong with mean and variance of the first weights that are wrong."""
    last = max(leaf for leaf in leaves if leaf[0] == "W")
    for leaf, x in leaves.items():
        if leaf[0] == "b" and x[0]:
            return f"{leaf} is not 0: biases start at zero."
        if leaf[0] == "b" or np.array_equal(x, [0, 1]):
            continue
        if not np.isfinite(x).all():
            return f"{leaf} has NaN or infinity."
        if x[0]:
            return (
                f"The mean of {leaf} is not 0, as it should be. (rng.random gives numbers from 0 "
                "to 1; rng.normal has the mean 0.)"
            )
        text = f"The variance of {leaf} is {x[1]:.2g} times as large as it should be."
        if leaf == last and math.isclose(x[1], 1 / 2):
            return f"{text} Here the last layer follows the rule for ReLU too, for simplicity."
        return text
    return ""


def first_weights_of(function: Function, *seeds: int) -> list[Any]:
    """Return the weights of two layers that a function draws, for each seed."""
    return [
        function((40, 30, 20), np.random.default_rng(seed))[0][1:]
        for seed in seeds
    ]


def draws_from_rng(function: Function) -> bool:
    """Return whether the same generator gives the same weights."""
    one, two = first_weights_of(function, 3, 3)
    return all(np.array_equal(*pair) for pair in zip(one, two, strict=True))


def draws_at_random(function: Function) -> bool:
    """Return whether another generator gives other weights."""
    one, two = first_weights_of(function, 3, 4)
    return not any(np.array_equal(*pair) for pair in zip(one, two, strict=True))


def nodes_differ(function: Function) -> bool:
    """Return whether no row or column of a layer's weights is made of others."""
    (weights,) = first_weights_of(function, 5)
    return all(np.linalg.matrix_rank(w) == min(w.shape) for w in weights)


FIRST_WEIGHTS = Task(
    arguments="n, rng",
    returns="W, b",
    cases=widths_cases,
    right=weights_with_exact_squares,
    passed="In {} networks of uneven widths, all means and variances are right, as far as one "
    "draw can tell.",
    model=first_weights_model,
    mistakes={
        "variance": WRONG_VARIANCES,
        "bias": {
            "The biases are not 0: they should start at zero.": lambda rng, b: (
                rng.standard_normal(b.shape)
            ),
        },
    },
    view=means_and_variances,
    explain=first_weights_explanation,
    properties={
        "Two generators of the same seed give two results: draw all weights from rng.": (
            draws_from_rng
        ),
        "Two generators of different seeds give the same weights: draw them from rng.": (
            draws_at_random
        ),
        "The weights are not independent: some rows of a W[l] are made of its others. Draw a number "
        "for each element, of shape (n[l], n[l - 1]).": nodes_differ,
    },
    errors={
        "only length-1|only integer|cannot be interpreted as an integer": (
            "n is the tuple of all widths; layer l has n[l] nodes and n[l - 1] inputs."
        ),
    },
)
