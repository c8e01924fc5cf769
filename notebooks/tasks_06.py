"""The tasks of chapter 6: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

import cmath
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

import checking
import example
from checking import Function, Leaves, Task
from nnlib import EMPTY, forward, identity, sigmoid, squared_error, tanh
from tasks_shared import (
    BIAS_MISTAKES,
    FUNCTIONS,
    WEIGHT_MISTAKES,
    polynomial,
    random_network,
    single,
    some_networks,
)

# The weight rule, by sums


def weight_cases() -> Iterator[tuple[Any, ...]]:
    """Yield dZ of a layer and A of the layer before; first where shapes tell nothing."""
    rng = np.random.default_rng(61)
    sizes = [(3, 3, 3), (3, 3, 4), (4, 3, 2), (2, 5, 3), (1, 4, 3), (3, 1, 2)]
    sizes += [tuple(rng.integers(1, 6, size=3)) for _ in range(13)]
    for rows, columns, m in sizes:
        yield rng.normal(size=(rows, m)), rng.normal(size=(columns, m))
    yield single((rng.normal(size=(2, 3)), rng.normal(size=(4, 3))))
    dZ1 = [[-5 / 4, -9 / 20, 9 / 40], [3 / 8, 3 / 8, -1 / 4]]
    yield np.array(dZ1), np.array(example.X, dtype=float)


def weights_by_fractions(dZ: Any, A_before: Any) -> Any:
    """Return dW, rounded once from the exact sums."""
    dW = np.empty((len(dZ), len(A_before)))
    for i, j in np.ndindex(dW.shape):
        terms = zip(dZ[i], A_before[j], strict=True)
        dW[i, j] = float(sum(Fraction(d) * Fraction(a) for d, a in terms))
    return dW


def weights_model(
    dZ: Any,
    A_before: Any,
    total: Function = lambda dZ, A: dZ @ A.T,
    scaled: Function = lambda dW, m: dW,
) -> Any:
    """Return dW; the keywords are the places for mistakes."""
    return scaled(total(dZ, A_before), dZ.shape[1])


WEIGHT_RULE = Task(
    arguments="dZ, A_before",
    returns="dW",
    cases=weight_cases,
    right=weights_by_fractions,
    passed="On {} layers, dW agrees with exact sums to ten digits.",
    model=weights_model,
    mistakes={
        "total": {
            "Only the last input counts: is the sum over the inputs added up with +=?": (
                lambda dZ, A: dZ[:, -1:] @ A[:, -1:].T
            ),
            "Only the first input counts: the sum runs over all inputs c.": (
                lambda dZ, A: dZ[:, :1] @ A[:, :1].T
            ),
            "The last input is left out: range(m) ends at m - 1.": (
                lambda dZ, A: dZ[:, :-1] @ A[:, :-1].T
            ),
            "The first input is left out: Python counts from 0.": (
                lambda dZ, A: dZ[:, 1:] @ A[:, 1:].T
            ),
            "dW is transposed: row i belongs to node i of layer l, column j to node j of the layer "
            "before.": lambda dZ, A: A @ dZ.T,
            "Are the indices of A_before swapped? Row j is a node, column c is an input.": (
                lambda dZ, A: dZ @ A
            ),
            "The activations are missing: each term is dZ[i, c] times A_before[j, c].": (
                lambda dZ, A: np.repeat(
                    dZ.sum(axis=1, keepdims=True), len(A), axis=1
                )
            ),
            "The sums over c are taken apart; expected one sum, of the products.": (
                lambda dZ, A: np.outer(dZ.sum(axis=1), A.sum(axis=1))
            ),
        },
        "scaled": {
            "dW is divided by m once too often: the 1/m is in dZ already.": (
                lambda dW, m: dW / m
            ),
        },
    },
    errors={
        "IndexError": "dZ has a row for each node of layer l, A_before one for each node of the "
        "layer before. Both have a column for each input.",
    },
)


# The layer rule, by sums


def layer_rule_cases() -> Iterator[tuple[Any, ...]]:
    """Yield W and dZ of the layer after; first where shapes tell nothing."""
    rng = np.random.default_rng(6)
    sizes = [(3, 3, 3), (3, 3, 4), (4, 3, 2), (2, 5, 3), (1, 4, 3), (3, 1, 1)]
    sizes += [tuple(rng.integers(1, 6, size=3)) for _ in range(13)]
    for rows, columns, m in sizes:
        yield rng.normal(size=(rows, columns)), rng.normal(size=(rows, m))
    yield single((rng.normal(size=(3, 4)), rng.normal(size=(3, 2))))
    yield example.W[2], np.array([[-1.0, -1.0, 0.5]])


def layer_rule_by_fractions(W_next: Any, dZ_next: Any) -> Any:
    """Return dA, rounded once from the exact sums."""
    dA = np.empty((W_next.shape[1], dZ_next.shape[1]))
    for j, c in np.ndindex(dA.shape):
        terms = zip(W_next[:, j], dZ_next[:, c], strict=True)
        dA[j, c] = float(sum(Fraction(w) * Fraction(d) for w, d in terms))
    return dA


def layer_rule_model(
    W_next: Any,
    dZ_next: Any,
    total: Function = lambda W, dZ: W.T @ dZ,
    scaled: Function = lambda dA, m: dA,
) -> Any:
    """Return dA; the keywords are the places for mistakes."""
    return scaled(total(W_next, dZ_next), dZ_next.shape[1])


LAYER_RULE = Task(
    arguments="W_next, dZ_next",
    returns="dA",
    cases=layer_rule_cases,
    right=layer_rule_by_fractions,
    passed="On {} layers, dA agrees with exact sums to ten digits.",
    model=layer_rule_model,
    mistakes={
        "total": {
            "Are the indices of W_next swapped? Blame goes from node i of the next layer to node j by "
            "W_next[i, j], and the sum runs over i.": lambda W, dZ: W @ dZ,
            "Only the last node of the next layer is heard: is the sum added up with +=?": (
                lambda W, dZ: np.outer(W[-1], dZ[-1])
            ),
            "Only the first node of the next layer is heard: the sum runs over all i.": (
                lambda W, dZ: np.outer(W[0], dZ[0])
            ),
            "The last node of the next layer is left out: range(n) ends at n - 1.": (
                lambda W, dZ: W[:-1].T @ dZ[:-1]
            ),
            "The first node of the next layer is left out: Python counts from 0.": (
                lambda W, dZ: W[1:].T @ dZ[1:]
            ),
            "The sum runs over the inputs; expected one over the nodes i, for each input alone.": (
                lambda W, dZ: np.repeat(
                    W.T @ dZ.sum(axis=1, keepdims=True), dZ.shape[1], axis=1
                )
            ),
            "The weights are missing: each node passes its blame on in proportion to W_next[i, j].": (
                lambda W, dZ: np.repeat(
                    dZ.sum(axis=0, keepdims=True), W.shape[1], axis=0
                )
            ),
            "The blame is missing: each term is W_next[i, j] times dZ_next[i, c].": (
                lambda W, dZ: np.repeat(
                    W.sum(axis=0)[:, None], dZ.shape[1], axis=1
                )
            ),
            "The sums over i are taken apart; expected one sum, of the products.": (
                lambda W, dZ: np.outer(W.sum(axis=0), dZ.sum(axis=0))
            ),
        },
        "scaled": {
            "dA is divided by m once too often: the 1/m is in dZ_next already.": (
                lambda dA, m: dA / m
            ),
        },
    },
    errors={
        "IndexError": "W_next has a row and dZ_next has a row for each node of the next layer. "
        "W_next has a column for each node of this layer, dZ_next one for each input.",
    },
)


# The pass on paper. What is expected comes from a complex step of each quantity.


PAPER_RULES = {
    "dA2": "Output rule: go forward to A^2 first, then subtract the targets, and divide by m.",
    "dZ2": "Node rule: the outputs have the identity, whose slope is 1.",
    "dW2": "Weight rule: dZ2 of the output, times the activation that each weight carries.",
    "dA1": "Layer rule: each hidden node adds up dZ2 of both outputs, times the weights that lead "
    "there from it, sign included.",
    "dZ1": "Node rule: dA1 times the slope of the sigmoid, a (1 - a), for each node.",
    "dW1": "Weight rule: dZ1 times what each weight carries, and that is x.",
}


PAPER_WEIGHTS = np.array([[8.0, -2.0], [2.0, 3.0]])  # W^2
PAPER_TARGETS = np.array([1.0, 11.0])


def paper_by_nudges() -> tuple[Any, ...]:
    """Return the derivatives of the network on paper: each quantity is nudged, forward to E."""

    def slope(nudged: str, i: int) -> float:
        def at(name: str, values: list[Any]) -> list[Any]:
            return [
                v + 1e-30j * (name == nudged and k == i)
                for k, v in enumerate(values)
            ]

        W1 = at("W1", [math.log(3) / 2, 0.0])
        Z1 = at("Z1", [2 * w for w in W1])
        A1 = at("A1", [1 / (1 + cmath.exp(-z)) for z in Z1])
        W2 = at("W2", [8.0, -2.0, 2.0, 3.0])  # row by row
        Z2 = at("Z2", [W2[k] * A1[0] + W2[k + 1] * A1[1] for k in (0, 2)])
        a1, a2 = at("A2", Z2)
        return float((((a1 - 1) ** 2 + (a2 - 11) ** 2) / 2).imag / 1e-30)

    names = {"A2": 2, "Z2": 2, "W2": 4, "A1": 2, "Z1": 2, "W1": 2}
    return tuple(
        np.array([slope(name, i) for i in range(size)])
        for name, size in names.items()
    )


def paper_model(
    hidden: Function = lambda: (3 / 4, 1 / 2),
    output: Function = lambda A: A - PAPER_TARGETS,
    last: Function = lambda dA: dA,
    weights: Function = lambda dZ, A: np.outer(dZ, A),
    back: Function = lambda W, dZ: dZ @ W,
    through: Function = lambda dA, A: dA * A * (1 - A),
    first: Function = lambda dZ, A: dZ * 2,
) -> tuple[Any, ...]:
    """Return the derivatives on paper; the keywords are the places for mistakes."""
    A1, W2 = np.array(hidden()), PAPER_WEIGHTS
    dA2 = output(W2 @ A1)
    dZ2 = last(dA2)
    dA1 = back(W2, dZ2)
    dZ1 = through(dA1, A1)
    return dA2, dZ2, weights(dZ2, A1).ravel(), dA1, dZ1, first(dZ1, A1)


def paper_explanation(leaves: Leaves) -> str:
    """Return the rule behind the first wrong number, but not the number."""
    expected = dict(zip(PAPER_RULES, paper_by_nudges(), strict=True))
    wrong = (
        rule
        for leaf, rule in PAPER_RULES.items()
        if not checking.close(leaves[leaf], np.asarray(expected[leaf]))
    )
    return next(wrong, "")


PAPER = Task(
    arguments="",
    returns=", ".join(PAPER_RULES),
    cases=lambda: [()],
    right=paper_by_nudges,
    passed="Nudges of each weight, sum and activation give the same fourteen numbers.",
    model=paper_model,
    mistakes={
        "hidden": {
            "Have the hidden activations changed places? Z^1 is ln 3 and 0, and the sigmoid of "
            "ln 3 is 3/4.": lambda: (1 / 2, 3 / 4),
        },
        "output": {
            "Every sign is wrong: dA2 is the outputs minus the targets.": (
                lambda A: PAPER_TARGETS - A
            ),
            "dA2 is the outputs themselves; subtract the targets.": lambda A: A,
            "dA2 is divided by 2. There are two outputs, but m counts the inputs, and it is 1.": (
                lambda A: (A - PAPER_TARGETS) / 2
            ),
            "dA2 is each output's part of the error E; expected the slopes of E.": (
                lambda A: (A - PAPER_TARGETS) ** 2 / 2
            ),
        },
        "last": {
            "The outputs have no sigmoid: the identity has the slope 1.": (
                lambda dA: dA * np.array([5 * (1 - 5), 3 * (1 - 3)])
            ),
        },
        "weights": {
            "dW2 is dZ2 times the weights; expected the activations that they carry.": (
                lambda dZ, A: dZ[:, None] * PAPER_WEIGHTS
            ),
            "dW2 is dZ2 alone: each weight carries an activation.": (
                lambda dZ, A: dZ[:, None] + 0 * A
            ),
            "dW2 goes column by column; expected its rows, one for each output, as in W^2.": (
                lambda dZ, A: np.outer(A, dZ)
            ),
        },
        "back": {
            "dA1 is what the first output sends back. A hidden node adds up what both send.": (
                lambda W, dZ: W[0] * dZ[0]
            ),
            "dA1 is what the last output sends back. A hidden node adds up what both send.": (
                lambda W, dZ: W[1] * dZ[1]
            ),
            "In dA1 the sums run along the rows of W^2. They run over the outputs: the first index.": (
                lambda W, dZ: W @ dZ
            ),
            "dA1 has no weights: blame goes back in proportion to them.": (
                lambda W, dZ: dZ.sum() + 0 * W[0]
            ),
            "Look at the signs in dA1: through a negative weight, blame changes its sign.": (
                lambda W, dZ: dZ @ abs(W)
            ),
        },
        "through": {
            "The slope of the sigmoid is missing: dZ1 is not dA1.": (
                lambda dA, A: dA
            ),
            "The slope of the sigmoid is a (1 - a), not a.": lambda dA, A: (
                dA * A
            ),
            "In dZ1 the slopes have changed places: each node has its own a (1 - a).": (
                lambda dA, A: dA * (A * (1 - A))[::-1]
            ),
        },
        "first": {
            "dW1 lacks x, which is what these weights carry.": lambda dZ, A: dZ,
            "dW1 is dZ1 times A^1; these weights carry x.": lambda dZ, A: (
                dZ * A
            ),
        },
    },
    explain=paper_explanation,
)


# The backward pass, by rules


def slope_of_identity(z: Any) -> Any:
    """Return the slope of the identity."""
    return 1.0


def slope_of_sigmoid(z: Any) -> Any:
    """Return the slope of the sigmoid, without the sigmoid."""
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


def slope_of_tanh(z: Any) -> Any:
    """Return the slope of tanh."""
    return 1 - np.tanh(z) ** 2


def slope_of_relu(z: Any) -> Any:
    """Return the slope of ReLU, 0 at its kink."""
    return (z > 0) * 1.0


SLOPES: dict[str, Function] = {
    "identity": slope_of_identity,
    "sigmoid": slope_of_sigmoid,
    "tanh": slope_of_tanh,
    "relu": slope_of_relu,
}


def loop_cases() -> Iterator[tuple[Any, ...]]:
    """Yield W, dg, Z, A and dA; first networks where shapes do not tell one layer from another."""
    rng = np.random.default_rng(66)
    g = [identity, sigmoid, tanh, sigmoid]
    for n in [(3, 3, 3, 3), (3, 4, 2, 5), (2, 1, 3, 1), (4, 4, 4)]:
        W, b, _ = random_network(rng, n, g)
        yield with_slopes(rng, W, b, g[: len(n)])
    for W, b, g in some_networks(rng, 14, FUNCTIONS):
        yield with_slopes(rng, W, b, g)
    yield single(with_slopes(rng, W, b, g))
    Z, A = forward(example.W, example.b, example.g, example.X)
    slopes = [None, SLOPES["sigmoid"], SLOPES["identity"]]
    yield example.W, slopes, Z, A, squared_error.dA(A[2], example.Y)


def with_slopes(rng: Any, W: Any, b: Any, g: Any) -> tuple[Any, ...]:
    """Return the arguments of a backward pass by rules: W, dg, Z, A and dA."""
    m = int(rng.integers(2, 7))
    Z, A = forward(W, b, g, rng.normal(size=(W[1].shape[1], m)))
    dg = [None, *(SLOPES[function.name] for function in g[1:])]
    return W, dg, Z, A, rng.normal(size=A[-1].shape) / m


def loop_by_paths(
    W: Any, dg: Any, Z: Any, A: Any, dA: Any
) -> tuple[list[Any], list[Any]]:
    """Return dW and db, from how far each weighted sum carries forward to the outputs."""
    L, m = len(W) - 1, dA.shape[1]
    dW, db = [EMPTY], [EMPTY]
    for l in range(1, L + 1):
        dW.append(np.zeros(W[l].shape))
        db.append(np.zeros((len(W[l]), 1)))
        for i, c in np.ndindex(len(W[l]), m):
            # How fast the activations of the layer grow, then those of the next, and so on.
            moved = [float(k == i) for k in range(len(W[l]))]
            for k in range(l, L + 1):
                if k > l:
                    moved = [
                        sum(w * v for w, v in zip(row, moved, strict=True))
                        for row in W[k]
                    ]
                moved = [
                    v * dg[k](z) for v, z in zip(moved, Z[k][:, c], strict=True)
                ]
            blame = sum(v * d for v, d in zip(moved, dA[:, c], strict=True))
            dW[l][i] += blame * A[l - 1][:, c]
            db[l][i, 0] += blame
    return dW, db


def node(dA: Any, slope: Function, Z: Any) -> Any:
    """Return dZ by the chapter's rule, which asks for no more rows of dA than Z has."""
    if len(dA) < len(Z):
        raise IndexError
    return dA[: len(Z)] * slope(Z)


def down(W: Any, dZ: Any) -> Any:
    """Return dA by the chapter's rule, which asks for no more rows of dZ than W has."""
    return W.T @ dZ[: len(W)]


def loop_model(
    W: Any,
    dg: Any,
    Z: Any,
    A: Any,
    dA: Any,
    layers: Function = lambda L: range(L, 0, -1),
    step: Function = lambda W, l, dA, to_dZ: (to_dZ(dA), down(W[l], to_dZ(dA))),
    through: Function = lambda dA, dg, Z, A, l: node(dA, dg[l], Z[l]),
    weights: Function = lambda dZ, A, l, dA: dZ @ A[l - 1].T,
    bias: Function = lambda dZ, dA: dZ.sum(axis=1, keepdims=True),
    order: Function = lambda layers: layers,
) -> tuple[list[Any], list[Any]]:
    """Return dW and db; the keywords are the places for mistakes."""
    dW, db = [EMPTY] * len(W), [EMPTY] * len(W)
    for l in layers(len(W) - 1):

        def to_dZ(dA: Any, l: int = l) -> Any:
            return through(dA, dg, Z, A, l)

        came = dA
        dZ, dA = step(W, l, dA, to_dZ)
        dW[l], db[l] = weights(dZ, A, l, came), bias(dZ, came)
    return order(dW), order(db)


def too_early(W: Any, l: int, dA: Any, to_dZ: Function) -> tuple[Any, Any]:
    """Overwrite dA with that of the layer before, and only then make dZ."""
    dA = down(W[l], dA)
    return to_dZ(dA), dA


BY_RULES = Task(
    arguments="W, dg, Z, A, dA",
    returns="dW, db",
    cases=loop_cases,
    right=loop_by_paths,
    passed="On {} networks, dW and db agree with sums over paths, made forward, to ten digits.",
    model=loop_model,
    mistakes={
        "layers": {
            "The order is wrong: the loop goes from the first layer to the last. dA belongs to "
            "the last layer, so start there: range(len(W) - 1, 0, -1).": (
                lambda L: range(1, L + 1)
            ),
        },
        "step": {
            "dA is overwritten too early: layer l still needs its own dA for dZ. Use the node "
            "rule first, and the layer rule after it.": too_early,
            "dA stays that of the last layer: the layer rule has to replace it before the next "
            "round.": lambda W, l, dA, to_dZ: (to_dZ(dA), dA),
            "The layer rule gets dA; expected dZ.": lambda W, l, dA, to_dZ: (
                to_dZ(dA),
                down(W[l], dA),
            ),
            "dA is passed on as dZ: is the layer rule missing?": (
                lambda W, l, dA, to_dZ: (to_dZ(dA), to_dZ(dA))
            ),
            "The layer rule gets W[l - 1]; from layer l to layer l - 1 blame goes through W[l].": (
                lambda W, l, dA, to_dZ: (
                    to_dZ(dA),
                    down(W[max(l - 1, 1)], to_dZ(dA)),
                )
            ),
            "dA is passed down by W itself: is a transpose missing?": (
                lambda W, l, dA, to_dZ: (to_dZ(dA), W[l] @ to_dZ(dA))
            ),
        },
        "through": {
            "The node rule is missing: dZ is not dA.": (
                lambda dA, dg, Z, A, l: node(dA, lambda z: 1.0, Z[l])
            ),
            "The slope is taken at A[l]; expected it at Z[l].": (
                lambda dA, dg, Z, A, l: node(dA, dg[l], A[l])
            ),
            "The slope of the last layer is missing: it has an activation function too.": (
                lambda dA, dg, Z, A, l: node(
                    dA, dg[l] if l < len(Z) - 1 else lambda z: 1.0, Z[l]
                )
            ),
            "Every layer has the slope of the last one: dg[l] belongs to layer l.": (
                lambda dA, dg, Z, A, l: node(dA, dg[-1], Z[l])
            ),
            "Every layer has the slope of the first one: dg[l] belongs to layer l.": (
                lambda dA, dg, Z, A, l: node(dA, dg[1], Z[l])
            ),
        },
        "weights": WEIGHT_MISTAKES
        | {
            "dW uses the last input only: is the sum over the inputs added up with +=?": (
                lambda dZ, A, l, dA: dZ[:, -1:] @ A[l - 1][:, -1:].T
            ),
            "dW[l] is transposed: rows belong to the nodes of layer l.": (
                lambda dZ, A, l, dA: A[l - 1] @ dZ.T
            ),
        },
        "bias": BIAS_MISTAKES
        | {
            "db[l] is dZ itself: the sum over the inputs is missing.": (
                lambda dZ, dA: dZ
            ),
            "db[l] has lost an axis: expected a column, as the bias rule returns it.": (
                lambda dZ, dA: dZ.sum(axis=1)
            ),
        },
        "order": {
            "The lists run from the last layer to the first; layer l belongs at index l.": (
                lambda layers: [layers[0], *layers[:0:-1]]
            ),
        },
    },
    errors={
        "IndexError: list index": "The lists end at layer len(W) - 1, so there is no W[l + 1] for "
        "the last layer: its dA is the one that is given.",
        "IndexError": "Do dA and Z[l] belong to the same layer? dA comes in for the last one, "
        "len(W) - 1, and the layer rule takes it from layer l to layer l - 1.",
    },
)


# The check of a gradient. All numbers are whole or multiples of a power of 2, so that values, and
# with them the differences, are exact.


def check_cases() -> Iterator[tuple[Any, ...]]:
    """Yield functions with right and wrong gradients, a point, and a step."""
    points = [[1, 2, -1], [2, -1], [-3, 1, 2, 2], [1, 3, 0]]
    for x, h in zip(points, [1 / 8, 1 / 1024, 1 / 64, 1 / 16], strict=True):
        point = np.array(x, dtype=float)
        yield polynomial(1.0 + np.arange(len(x))), point, h
        yield polynomial(1.0), point, h
        yield polynomial(-1.0), point, h


def check_by_fractions(f: Function, x: Any, h: float) -> float:
    """Return the relative error, with exact differences."""
    gradient = [Fraction(d) for d in f(x)[1].tolist()]
    quotients = []
    for i in range(len(x)):
        right, left = x.copy(), x.copy()
        right[i] += h
        left[i] -= h
        gap = Fraction(f(right)[0]) - Fraction(f(left)[0])
        quotients.append(gap / (2 * Fraction(h)))
    off = [d - q for d, q in zip(gradient, quotients, strict=True)]
    size = math.hypot(*map(float, gradient)) + math.hypot(
        *map(float, quotients)
    )
    return math.hypot(*map(float, off)) / size


def quotients_by(
    points: Function = lambda x, e: (x + e, x - e),
    divided: Function = lambda gap, h: gap / (2 * h),
) -> Function:
    """Return a function that gives a difference quotient for each element of x."""

    def quotients(f: Function, x: Any, h: float) -> Any:
        d = np.empty_like(x)
        for i, e in enumerate(h * np.eye(len(x))):
            right, left = points(x, e)
            d[i] = divided(f(right)[0] - f(left)[0], h)
        return d

    return quotients


CENTRAL = quotients_by()


def never_moved_back(f: Function, x: Any, h: float) -> Any:
    """Return quotients for which each element stays at x - h when the next one moves."""
    d, moving = np.empty_like(x), x.copy()
    for i in range(len(x)):
        moving[i] += h
        right = f(moving)[0]
        moving[i] -= 2 * h
        d[i] = (right - f(moving)[0]) / (2 * h)
    return d


def check_model(
    f: Function,
    x: Any,
    h: float,
    quotients: Function = CENTRAL,
    gradient: Function = lambda f, x: f(x)[1],
    compare: Function = lambda g, d: (
        norms(g, d)[2] / (norms(g, d)[0] + norms(g, d)[1])
    ),
) -> Any:
    """Return the relative error; the keywords are the places for mistakes."""
    return compare(gradient(f, x), quotients(f, x, h))


def norms(g: Any, d: Any) -> tuple[Any, Any, Any]:
    """Return the norms of two vectors and of their difference."""
    return np.linalg.norm(g), np.linalg.norm(d), np.linalg.norm(g - d)


GRADIENT_CHECK = Task(
    arguments="f, x, h",
    returns="error",
    cases=check_cases,
    right=check_by_fractions,
    passed="For {} gradients, right and wrong ones, the error agrees with exact differences to "
    "ten digits.",
    model=check_model,
    mistakes={
        "quotients": {
            "These are one-sided differences, x + h and x over h. They are derivatives too, with "
            "fewer digits; expected x + h and x - h over 2h.": quotients_by(
                lambda x, e: (x + e, x), lambda gap, h: gap / h
            ),
            "These are one-sided differences, x and x - h over h. They are derivatives too, with "
            "fewer digits; expected x + h and x - h over 2h.": quotients_by(
                lambda x, e: (x, x - e), lambda gap, h: gap / h
            ),
            "The differences go to the right only, x + h and x, over 2h; expected x + h and x - h.": (
                quotients_by(lambda x, e: (x + e, x))
            ),
            "The differences go to the left only, x and x - h, over 2h; expected x + h and x - h.": (
                quotients_by(lambda x, e: (x, x - e))
            ),
            "The differences have the wrong sign: the value at x + h comes first.": (
                quotients_by(lambda x, e: (x - e, x + e))
            ),
            "All elements of x move at once, and one number stands for all quotients; expected one "
            "quotient for each element, with only this element moved.": (
                lambda f, x, h: (f(x + h)[0] - f(x - h)[0]) / (2 * h)
            ),
            "All elements of x move at once; expected one at a time.": (
                quotients_by(lambda x, e: (x + e.max(), x - e.max()))
            ),
            "An element stays at x - h when the next one moves; expected it back where it was.": (
                never_moved_back
            ),
            "The points x + h and x - h are 2h apart; here the difference is divided by h.": (
                quotients_by(divided=lambda gap, h: gap / h)
            ),
            "The difference is divided by 2 and multiplied by h: / 2 * h goes from left to right; "
            "write / (2 * h).": quotients_by(
                divided=lambda gap, h: gap / 2 * h
            ),
            "The difference is divided by 2, not by 2h.": (
                quotients_by(divided=lambda gap, h: gap / 2)
            ),
            "The difference is not divided by 2h.": (
                quotients_by(divided=lambda gap, h: gap)
            ),
        },
        "compare": {
            "That is the distance; expected it divided by the sum of the two norms.": (
                lambda g, d: norms(g, d)[2]
            ),
            "The distance is divided by one norm only; expected the sum of both.": (
                lambda g, d: norms(g, d)[2] / norms(g, d)[1]
            ),
            "The distance is divided by the norm of the gradient only; expected the sum of both.": (
                lambda g, d: norms(g, d)[2] / norms(g, d)[0]
            ),
            "The distance is divided by the larger norm; expected the sum of both.": (
                lambda g, d: norms(g, d)[2] / max(norms(g, d)[:2])
            ),
            "The distance is divided by the norm of the sum; expected the sum of the norms.": (
                lambda g, d: norms(g, d)[2] / np.linalg.norm(g + d)
            ),
            "The squared norms are used: is a square root missing?": lambda g, d: (
                norms(g, d)[2] ** 2
                / (norms(g, d)[0] ** 2 + norms(g, d)[1] ** 2)
            ),
            "The norms are subtracted, which does not see directions; expected the norm of the "
            "difference.": lambda g, d: (
                abs(norms(g, d)[0] - norms(g, d)[1])
                / (norms(g, d)[0] + norms(g, d)[1])
            ),
            "The largest deviation is used; expected the norm.": lambda g, d: (
                abs(g - d).max() / (norms(g, d)[0] + norms(g, d)[1])
            ),
            "That is the largest deviation; expected the norm of the difference, divided by the sum "
            "of the two norms.": lambda g, d: abs(g - d).max(),
            "Each vector is measured by its largest element; expected norms.": lambda g, d: (
                abs(g - d).max() / (abs(g).max() + abs(d).max())
            ),
            "Each vector is measured by the sum of its absolute values; expected norms.": (
                lambda g, d: abs(g - d).sum() / (abs(g).sum() + abs(d).sum())
            ),
            "The largest relative deviation of an element is used; expected norms of the whole "
            "vectors.": lambda g, d: (abs(g - d) / (abs(g) + abs(d))).max(),
        },
    },
)
