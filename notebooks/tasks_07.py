"""The tasks of chapter 7: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

import checking
import example
from checking import Function, Leaves, MisfitError, Task, kind, listed
from nnlib import (
    EMPTY,
    Activation,
    forward,
    gradient_by_sums,
    identity,
    numerical_gradient,
    pack,
    random_normal,
    relu,
    sigmoid,
    softmax_cross_entropy,
    softplus,
    squared_error,
    tanh,
    unpack,
)
from tasks_shared import (
    BIAS_MISTAKES,
    FUNCTIONS,
    WEIGHT_MISTAKES,
    forward_by_sums,
    random_network,
    single,
    some_networks,
)

# The backward pass

SMOOTH = [
    ((3, 4, 2), [identity, tanh, sigmoid]),
    ((2, 3, 3, 1), [identity, sigmoid, tanh, identity]),
]


def backward_cases() -> Iterator[tuple[Any, ...]]:
    """Yield W, g, Z, A and dA; in the first case, shapes do not tell W from its transpose."""
    # With this seed every ReLU there is active for some inputs, but not for all.
    rng = np.random.default_rng(287)
    yield after_forward(
        *random_network(rng, (3, 3, 3, 3), [identity, sigmoid, relu, identity]),
        rng.normal(size=(3, 5)),
        rng.normal(size=(3, 5)) / 5,
    )
    mixed = random_network(
        rng, (3, 4, 2, 5, 3), [identity, softplus, tanh, relu, sigmoid]
    )
    X, dA = rng.normal(size=(2, 3, 7))
    yield after_forward(*mixed, X, dA / 7)
    yield at_the_corner_of_relu()
    for W, b, g in some_networks(rng, 15, [*FUNCTIONS, softplus]):
        m = rng.integers(1, 7)
        X = rng.normal(size=(W[1].shape[1], m))
        yield after_forward(W, b, g, X, rng.normal(size=(len(W[-1]), m)) / m)
    X, dA = rng.normal(size=(2, 3, 7))
    yield single(after_forward(*mixed, X, dA / 7))
    Z, A = forward(example.W, example.b, example.g, example.X)
    yield example.W, example.g, Z, A, squared_error.dA(A[2], example.Y)


def after_forward(W: Any, b: Any, g: Any, X: Any, dA: Any) -> tuple[Any, ...]:
    """Return the arguments of a backward pass: W, g, Z, A and dA."""
    return W, g, *forward(W, b, g, X), dA


def at_the_corner_of_relu() -> tuple[Any, ...]:
    """Return a case in which some weighted sums of a ReLU layer are exactly 0."""
    W = [
        EMPTY,
        np.array([[1.0, -1.0], [2.0, 1.0], [1.0, 0.0]]),
        np.array([[3.0, -2.0, 1.0]]),
    ]
    b = [EMPTY, np.array([[0.0], [-3.0], [1.0]]), np.array([[1.0]])]
    X = np.array([[1.0, 2.0, 3.0, 1.0], [1.0, -1.0, 0.0, 2.0]])
    dA = np.array([[1.0, 2.0, -1.0, 3.0]]) / 4
    return after_forward(W, b, [identity, relu, identity], X, dA)


def relu_slope(compare: Function) -> Function:
    """Return a wrong slope for ReLU, and the right one for all other functions."""
    return lambda g, Z, A: (
        compare(Z, A) * 1.0 if g.name == "relu" else g.dg(Z, A)
    )


def hidden_slope(wrong: Function) -> Function:
    """Return a wrong slope for all functions but the identity, which has the right one."""
    return lambda g, Z, A: (
        g.dg(Z, A) if g.name == "identity" else wrong(g, Z, A)
    )


def backward_model(
    W: Any,
    g: Any,
    Z: Any,
    A: Any,
    dA: Any,
    start: Function = lambda dA: dA,
    slope: Function = lambda g, Z, A: g.dg(Z, A),
    last: Function | None = None,
    layer: Function = lambda g, l: g[l],
    weights: Function = lambda dZ, A, l, dA: dZ @ A[l - 1].T,
    bias: Function = lambda dZ, dA: dZ.sum(axis=1, keepdims=True),
    down: Function = lambda W, dZ, dW, dA: W.T @ dZ,
    order: Function = lambda layers: layers,
) -> tuple[list[Any], list[Any]]:
    """Return dW and db; the keywords are the places for mistakes."""
    dW, db = [EMPTY] * len(W), [EMPTY] * len(W)
    dA = start(dA)
    for l in range(len(W) - 1, 0, -1):
        derivative = last if last and l == len(W) - 1 else slope
        dZ = dA * derivative(layer(g, l), Z[l], A[l])
        dW[l] = weights(dZ, A, l, dA)
        db[l] = bias(dZ, dA)
        dA = down(W[l], dZ, dW[l], dA)
    return order(dW), order(db)


def updated(rate: float) -> Function:
    """Return dA of the layer below, computed with the weights after a step."""
    return lambda W, dZ, dW, dA: (W - rate * dW).T @ dZ


AT_A = "Is the slope taken at A[l]? It belongs at Z[l]"
NEW_W = "dA is passed down with weights that a step has already changed; expected those that "
NEW_W += "forward used"


DOWN_MISTAKES: dict[str, Function] = {
    "dA is passed down by W itself: is a transpose missing?": lambda W, dZ, dW, dA: (
        W @ dZ
    ),
    "dA is passed down from dA; expected dZ in its place.": lambda W, dZ, dW, dA: (
        W.T @ dA
    ),
    "dA is passed down by dW; expected W in its place.": lambda W, dZ, dW, dA: (
        dW.T @ dZ
    ),
    "dA is the same in every layer: is it passed down?": lambda W, dZ, dW, dA: (
        dA
    ),
    f"{NEW_W}.": updated(0.1),
    f"{NEW_W} (the rate was 1).": updated(1.0),
    f"{NEW_W} (the rate was 0.5).": updated(0.5),
    f"{NEW_W} (the rate was 0.05).": updated(0.05),
    f"{NEW_W} (the rate was 0.01).": updated(0.01),
}
BACKWARD_MISTAKES: dict[str, dict[str, Function]] = {
    "start": {
        "Everything is divided by m once too often: the 1/m is in dA already.": (
            lambda dA: dA / dA.shape[1]
        ),
        "Everything is m times too large. The 1/m comes in with dA: is it undone?": (
            lambda dA: dA * dA.shape[1]
        ),
        "The sign is wrong everywhere.": lambda dA: -dA,
    },
    "slope": {
        "The slope of g is missing: dZ is not dA.": lambda g, Z, A: 1.0,
        "dA is multiplied by g itself, not by its slope.": lambda g, Z, A: A,
        f"{AT_A}.": lambda g, Z, A: g.dg(A, g(A)),
        f"{AT_A}: dg takes Z first, then A.": lambda g, Z, A: g.dg(A, A),
        "dg takes Z first, then A: are the two swapped?": lambda g, Z, A: g.dg(
            A, Z
        ),
        "dg takes Z, then A: was Z given twice?": lambda g, Z, A: g.dg(Z, Z),
        "The slope of ReLU is 1 where a >= 0, which is everywhere; expected z > 0.": (
            relu_slope(lambda Z, A: A >= 0)
        ),
        "The slope of ReLU at exactly z = 0 is 0 in this book: z > 0, not z >= 0.": (
            relu_slope(lambda Z, A: Z >= 0)
        ),
    },
    "last": {
        "The slope of the last layer is missing: it has an activation function too.": (
            lambda g, Z, A: 1.0
        ),
    },
    "layer": {
        "The slope is that of the layer before, g[l - 1]; expected g[l].": (
            lambda g, l: g[l - 1]
        ),
    },
    "weights": WEIGHT_MISTAKES
    | {
        "dW[l] is transposed: dZ @ A.T, or A @ dZ.T?": lambda dZ, A, l, dA: (
            A[l - 1] @ dZ.T
        )
    },
    "bias": BIAS_MISTAKES
    | {
        "db[l] has lost an axis: keepdims=True keeps the sum a column.": (
            lambda dZ, dA: dZ.sum(axis=1)
        ),
        "db[l] is dZ itself: the sum over the inputs is missing.": lambda dZ, dA: (
            dZ
        ),
        "db[l] is one number: sum over the inputs only, axis=1.": lambda dZ, dA: (
            dZ.sum()
        ),
        "db[l] is summed over the nodes: the inputs are axis 1, and keepdims=True keeps the sum "
        "a column.": lambda dZ, dA: dZ.sum(axis=0),
        "db[l] is summed over the nodes; the inputs are axis 1.": (
            lambda dZ, dA: dZ.sum(axis=0, keepdims=True)
        ),
    },
    "down": DOWN_MISTAKES,
    "order": {
        "The lists run from the last layer to the first; layer l belongs at index l.": (
            lambda layers: [layers[0], *layers[:0:-1]]
        ),
    },
}


def agrees_with_differences(function: Function) -> bool:
    """Return whether dW and db are what central differences of E say, on smooth networks."""
    rng = np.random.default_rng(77)
    for n, g in SMOOTH:
        theta = random_normal(n, rng, scale=1.0)
        X, Y = rng.normal(size=(n[0], 4)), rng.normal(size=(n[-1], 4))

        def E(
            theta: Any, n: Any = n, g: Any = g, X: Any = X, Y: Any = Y
        ) -> float:
            return squared_error(forward(*unpack(theta, n), g, X)[1][-1], Y)

        W, b = unpack(theta, n)
        Z, A = forward(W, b, g, X)
        dW, db = function(W, g, Z, A, squared_error.dA(A[-1], Y))
        by_differences = unpack(numerical_gradient(E, theta), n)
        for ours, theirs in zip((dW, db), by_differences, strict=True):
            if not all(
                np.allclose(ours[l], theirs[l], rtol=0, atol=1e-6)
                for l in range(1, len(n))
            ):
                return False
    return True


BACKWARD = Task(
    arguments="W, g, Z, A, dA",
    returns="dW, db",
    cases=backward_cases,
    right=gradient_by_sums,
    passed="On {} networks, dW and db agree with the sums of chapter 6 to ten digits, and on two "
    "with finite differences of E to six.",
    model=backward_model,
    mistakes=BACKWARD_MISTAKES,
    properties={
        "The values agree with sums, but not with differences of E.": agrees_with_differences,
    },
)


# E and its gradient, with softmax cross-entropy


def gradient_cases() -> Iterator[tuple[Any, ...]]:
    """Yield theta, n, g, X and Y, with one-hot targets and tanh in the hidden layers.

    In the last case they are sigmoids, so that a function that takes every slope for that of tanh
    is found out.
    """
    rng = np.random.default_rng(17)
    shapes = [(3, 3, 3, 3), (4, 3, 2), (3, 4, 5, 4)]
    shapes += [tuple(map(int, rng.integers(2, 6, size=3))) for _ in range(7)]
    for n in [*shapes, (3, 4, 2)]:
        m = 5 if n == (3, 3, 3, 3) else int(rng.integers(1, 8))
        hidden = sigmoid if n == (3, 4, 2) else tanh
        g = [identity, *[hidden] * (len(n) - 2), identity]
        X, labels = rng.normal(size=(n[0], m)), rng.integers(n[-1], size=m)
        yield (
            random_normal(n, rng, scale=1.0),
            n,
            g,
            X,
            np.eye(n[-1])[:, labels],
        )


def gradient_by_plain_sums(
    theta: Any, n: Any, g: Any, X: Any, Y: Any
) -> tuple[float, Any]:
    """Return E and its gradient by sums: softmax and logarithms from Python's math."""
    W, b = unpack(theta, n)
    Z, A = forward_by_sums(W, b, g, X)
    m, E, dA = X.shape[1], 0.0, np.empty_like(Y)
    for c in range(m):
        logits = [float(a) for a in A[-1][:, c]]
        log_total = max(logits) + math.log(
            math.fsum(math.exp(a - max(logits)) for a in logits)
        )
        E += (
            math.fsum(
                y * (log_total - a)
                for y, a in zip(Y[:, c], logits, strict=True)
            )
            / m
        )
        dA[:, c] = [
            (math.exp(a - log_total) - y) / m
            for y, a in zip(Y[:, c], logits, strict=True)
        ]
    return E, pack(*gradient_by_sums(W, g, Z, A, dA))


def plain_softmax(A: Any, axis: int = 0) -> Any:
    """Return the softmax by its formula."""
    return np.exp(A) / np.exp(A).sum(axis=axis, keepdims=True)


def gradient_model(
    theta: Any,
    n: Any,
    g: Any,
    X: Any,
    Y: Any,
    error: Function = softmax_cross_entropy,
    dA: Function = softmax_cross_entropy.dA,
    packed: Function = pack,
    **pieces: Function,
) -> tuple[float, Any]:
    """Return E and its gradient; the keywords are the places for mistakes."""
    W, b = unpack(theta, n)
    Z, A = forward(W, b, g, X)
    dW, db = backward_model(W, g, Z, A, dA(A[-1], Y), **pieces)
    return error(A[-1], Y), packed(dW, db)


def in_vector(*parts: Any) -> Any:
    """Return all elements of some lists of arrays, one after another."""
    return np.concatenate([x.ravel() for part in parts for x in part])


def by_layer(leaves: Leaves, theta: Any, n: Any, *others: Any) -> Leaves:
    """Return E, and the gradient cut into dW[l] and db[l]."""
    gradient = leaves["gradient"]
    if gradient.dtype != np.float32:
        gradient = gradient.astype(float)
    cut = {"E": leaves["E"]}
    for name, parts in zip(("dW", "db"), unpack(gradient, n), strict=True):
        cut |= {f"{name}[{l}]": parts[l] for l in range(1, len(n))}
    return cut


def at_large_logits(function: Function) -> tuple[float, Any]:
    """Return E and the gradient where logits are 1000 and -1000."""
    n, g, X, Y = (2, 2, 2), [identity, tanh, identity], np.eye(2), np.eye(2)
    theta = pack(
        [EMPTY, np.eye(2), np.diag([2e3, -2e3])], [EMPTY, *np.zeros((2, 2, 1))]
    )
    E, gradient = function(theta, n, g, X, Y)
    return float(E), np.asarray(gradient)


def large_logits_give_no_wrong_numbers(function: Function) -> bool:
    """Return whether E and the gradient are right there, each unless it is not finite."""
    E_right, right = at_large_logits(gradient_by_plain_sums)
    E, gradient = at_large_logits(function)
    pairs = (E, E_right), (gradient, right)
    return all(
        np.allclose(ours, theirs, rtol=1e-4, atol=1e-4)
        for ours, theirs in pairs
        if np.isfinite(ours).all()
    )


def exponentials_stay_finite(function: Function) -> bool:
    """Return whether the gradient is finite where logits are large."""
    return bool(np.isfinite(at_large_logits(function)[1]).all())


def logarithms_stay_finite(function: Function) -> bool:
    """Return whether E is finite there too, unless exponentials have overflowed."""
    E, gradient = at_large_logits(function)
    return bool(np.isfinite(E) or not np.isfinite(gradient).all())


def gradient_agrees_with_differences(function: Function) -> bool:
    """Return whether the gradient is what central differences of the function's own E say."""
    theta, *problem = next(gradient_cases())
    differences = numerical_gradient(
        lambda t: float(function(t, *problem)[0]), theta
    )
    gradient = function(theta, *problem)[1]
    return np.allclose(gradient, differences, rtol=0, atol=1e-6)


GRADIENT = Task(
    arguments="theta, n, g, X, Y",
    returns="E, gradient",
    cases=gradient_cases,
    right=gradient_by_plain_sums,
    passed="On {} networks, E and the gradient agree with sums to ten digits, and on one the "
    "gradient agrees with finite differences of E to six.",
    model=gradient_model,
    mistakes={
        "dA": {
            "The gradient is m times too large: dA is (S - Y) / m.": (
                lambda A, Y: Y.shape[1] * softmax_cross_entropy.dA(A, Y)
            ),
            "dA is that of the squared error: S - Y, not A - Y, with S the softmax of A[L].": (
                squared_error.dA
            ),
            "dA is S / m: the targets are missing.": lambda A, Y: (
                plain_softmax(A) / A.shape[1]
            ),
            "The softmax runs over the inputs; each column of S sums to 1, axis=0.": (
                lambda A, Y: (plain_softmax(A, axis=1) - Y) / A.shape[1]
            ),
        },
        "error": {
            "E is the sum over the inputs; expected the mean.": (
                lambda A, Y: Y.shape[1] * softmax_cross_entropy(A, Y)
            ),
            "E has the wrong sign.": lambda A, Y: -softmax_cross_entropy(A, Y),
            "E is the squared error; expected the cross-entropy.": squared_error,
            "E is the mean over nodes and inputs; expected the mean over the inputs only.": (
                lambda A, Y: softmax_cross_entropy(A, Y) / len(Y)
            ),
        },
        "packed": {
            "The gradient is not in the order of theta: dW[1], db[1], dW[2], ..., as pack does.": (
                lambda dW, db: in_vector(dW, db)
            ),
            "The gradient holds each db[l] before its dW[l]; expected dW[l] first, as in theta.": (
                lambda dW, db: in_vector(*zip(db, dW, strict=True))
            ),
            "The gradient begins with the last layer; expected the first, as in theta.": (
                lambda dW, db: in_vector(*list(zip(dW, db, strict=True))[::-1])
            ),
            "The gradient holds each dW[l] column by column, or transposed; expected row by row.": (
                lambda dW, db: in_vector(
                    *zip([x.T for x in dW], db, strict=True)
                )
            ),
        },
        "slope": {
            "The slope of g is missing: dZ is not dA.": hidden_slope(
                lambda g, Z, A: 1.0
            ),
            "dA is multiplied by g itself, not by its slope.": hidden_slope(
                lambda g, Z, A: A
            ),
            f"{AT_A}.": hidden_slope(lambda g, Z, A: g.dg(A, g(A))),
            "The slope is 1 - a^2 in every hidden layer, but only tanh has that one: g[l] brings "
            "its own, g[l].dg(Z[l], A[l]).": (
                hidden_slope(lambda g, Z, A: 1 - A**2)
            ),
            "The slope of tanh is 1 - a^2; is it 1 - Z^2 here?": (
                hidden_slope(lambda g, Z, A: 1 - Z**2)
            ),
            "The slope of tanh is 1 - a^2; a (1 - a) is that of the sigmoid.": (
                hidden_slope(lambda g, Z, A: A * (1 - A))
            ),
        },
        "weights": WEIGHT_MISTAKES,
        "bias": BIAS_MISTAKES,
        "down": DOWN_MISTAKES,
    },
    view=by_layer,
    properties={
        "The gradient is not what differences of E say.": gradient_agrees_with_differences,
        "Where logits lie far apart, the results are finite but wrong. Is a tiny number added to S, "
        "or is S cut off? Take the logarithm before you divide, ln S = U - ln(sum of e^U).": (
            large_logits_give_no_wrong_numbers
        ),
    },
    remarks={
        "(Where logits are large, e^1000 overflows and the result is NaN: subtract the largest "
        "logit of each column first, or take the softmax of nnlib.)": exponentials_stay_finite,
        "(Where logits lie far apart, softmax is rounded to 0, and E is not finite: take the "
        "logarithm before you divide, ln S = U - ln(sum of e^U).)": logarithms_stay_finite,
    },
)


# Three suspects; a check says what is wrong and where, but not why


def keeps_dA(function: Function) -> bool:
    """Return whether dA is afterward what it was, on all networks."""
    for *rest, dA in backward_cases():
        kept = dA.copy()
        function(*rest, dA)
        if not np.array_equal(dA, kept):
            return False
    return True


# The arguments leave out dA. If it is changed, the property says so, without the remedy.
SUSPECT = replace(
    BACKWARD,
    arguments="W, g, Z, A",
    mistakes={},
    properties={
        **BACKWARD.properties,
        "dW and db are right, but afterward dA is not what it was.": keeps_dA,
    },
)


# Networks on which one of three suspects is caught


def writes_into_dA(
    W: Any, g: Any, Z: Any, A: Any, dA: Any
) -> tuple[list[Any], list[Any]]:
    """Return the right dW and db, and leave dZ^L where dA^L was."""
    dA *= g[-1].dg(Z[-1], A[-1])
    return backward_model(W, [*g[:-1], identity], Z, A, dA)


SUSPECTS: list[Function] = [
    partial(
        backward_model,
        down=DOWN_MISTAKES[
            "dA is passed down from dA; expected dZ in its place."
        ],
    ),
    partial(backward_model, bias=lambda dZ, dA: dZ.sum(keepdims=True)),
    writes_into_dA,
]
WHERE_CAUGHT = [
    "Suspect 1 goes wrong below a layer whose slopes are not 1.",
    "Suspect 2 goes wrong where a layer has more than one node.",
    "Suspect 3 leaves another dA behind where the slopes of the last layer are not 1.",
]


def is_caught(suspect: Function, n: Any, g: Any) -> bool:
    """Return whether a gradient is wrong, or dA is changed, on one of five random networks."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        W, b, _ = random_network(rng, n, g)
        X, dA = rng.normal(size=(n[0], 4)), rng.normal(size=(n[-1], 4))
        Z, A = forward(W, b, g, X)
        kept = dA.copy()
        came = [*suspect(W, g, Z, A, dA), [EMPTY, dA]]
        right = [*backward_model(W, g, Z, A, kept), [EMPTY, kept]]
        for ours, theirs in zip(came, right, strict=True):
            pairs = zip(ours[1:], theirs[1:], strict=True)
            if not all(checking.close(*pair) for pair in pairs):
                return True
    return False


def is_network(trap: Any) -> bool:
    """Return whether this is a pair of sizes and of activation functions that fit them."""
    if not (isinstance(trap, list | tuple) and len(trap) == 2):
        return False
    n, g = trap
    if not all(isinstance(part, list | tuple) for part in trap):
        return False
    if len(n) < 2 or len(g) != len(n):
        return False
    sizes_fit = all(isinstance(k, int) and 1 <= k <= 1000 for k in n)
    return sizes_fit and all(isinstance(f, Activation) for f in g[1:])


def sprung(traps: Any) -> Any:
    """Return a matrix with a row for each trap: 1 for a suspect that it catches, 0 for others."""
    if traps is None:
        return None
    if not (isinstance(traps, list | tuple) and len(traps) == 3):
        raise MisfitError(
            f"It returns {kind(traps)}; expected three pairs n, g."
        )
    for k, trap in enumerate(traps, start=1):
        if not is_network(trap):
            raise MisfitError(
                f"Trap {k} is no network; expected a pair such as (2, 3, 2), [identity, sigmoid, "
                "tanh], with a function for each entry of n."
            )
    return np.array(
        [[1.0 * is_caught(s, *trap) for s in SUSPECTS] for trap in traps]
    )


def traps_explanation(leaves: Leaves) -> str:
    """Return which suspects the first wrong trap catches, and what decides about one of them."""
    caught = leaves["traps"]
    k = next(k for k in range(3) if not np.array_equal(caught[k], np.eye(3)[k]))
    found = [str(j + 1) for j in np.flatnonzero(caught[k])]
    who = listed(found, "suspect") if found else "nobody"
    j = int(np.flatnonzero(caught[k] != np.eye(3)[k])[0])
    return f"Trap {k + 1} catches {who}; expected suspect {k + 1} alone. {WHERE_CAUGHT[j]}"


def traps_model() -> list[Any]:
    """Return a small network for each suspect on which it is caught alone."""
    return [
        ((1, 1, 1, 1), [identity, sigmoid, sigmoid, identity]),
        ((1, 2), [identity, identity]),
        ((1, 1), [identity, sigmoid]),
    ]


TRAPS = Task(
    arguments="",
    returns="traps",
    cases=lambda: [()],
    right=lambda: np.eye(3),
    passed="Each trap catches its suspect and lets the two others go.",
    model=traps_model,
    mistakes={},
    read=sprung,
    explain=traps_explanation,
)
