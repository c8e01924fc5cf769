"""Checks of the functions that the chapters ask the reader to write, one for each "Your turn".

A check compares the reader's function with an independent computation: exact fractions, sums in
plain Python, finite differences. To have words for what is wrong, it also has a model of the
function, as one would write it, with a keyword argument for each place where mistakes are made,
and for each place the wrong formulas that people write, each with its hint. To add a check, write
these three and a row of `TASKS`; the module `checking` does the rest.

If you would rather find out alone, do not read on.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

import checking
import example
from checking import Function, Leaves, Task
from nnlib import (
    EMPTY,
    evaluate,
    forward,
    gelu,
    gradient_by_sums,
    identity,
    leaky_relu,
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


def check(function: Callable[..., Any], name: str | None = None) -> None:
    """Try a function that a chapter asks for, and print what is right or wrong with it.

    Parameters
    ----------
    function : callable
        The function itself, not what it returns.
    name : str, optional
        The name that the chapter gives it, if its own is another:
        ``check(layer, "my_layer")``.

    Raises
    ------
    ValueError
        If `function` is no function, or no check has this name.
    """
    if not callable(function):
        came = type(function).__name__
        raise ValueError(
            f"check got a {came}; expected a function: check(f), not check(f(...))?"
        )
    own = getattr(function, "__name__", "")
    if (name or own) not in TASKS:
        names = ", ".join(TASKS)
        raise ValueError(
            f'no check for "{name or own}"; expected one of {names}: check(f, NAME)'
        )
    task = TASKS[name or own]
    checking.report(function, own if own.isidentifier() else str(name), task)


# Networks to try functions on

FUNCTIONS = [identity, sigmoid, tanh, relu]


def random_network(
    rng: Any, n: Sequence[int], g: Sequence[Any]
) -> tuple[Any, Any, Any]:
    """Return W, b and g of a network with random parameters."""
    return *unpack(random_normal(n, rng, scale=1.0), n), list(g)


def some_networks(
    rng: Any, count: int, functions: Sequence[Any]
) -> Iterator[tuple[Any, Any, Any]]:
    """Yield random networks of all shapes, with random activation functions."""
    for _ in range(count):
        n = [int(k) for k in rng.integers(1, 6, size=rng.integers(2, 6))]
        yield random_network(
            rng, n, [identity, *rng.choice(functions, size=len(n) - 1)]
        )


def single(x: Any) -> Any:
    """Return arguments with their arrays in float32."""
    if isinstance(x, list | tuple):
        return type(x)(single(entry) for entry in x)
    return x.astype(np.float32) if isinstance(x, np.ndarray) else x


# Chapter 2: one layer, by sums

PLAIN: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
}


def layer_cases() -> Iterator[tuple[Any, ...]]:
    """Yield weights and biases of one layer, its g and what comes in."""
    rng = np.random.default_rng(2)
    sizes = [(3, 3), (4, 3), (3, 5), (1, 4), (4, 1)]
    sizes += [tuple(rng.integers(1, 7, size=2)) for _ in range(33)]
    for k, (rows, columns) in enumerate(sizes):
        W, b = rng.normal(size=(rows, columns)), rng.normal(size=(rows, 1))
        yield W, b, FUNCTIONS[(k + 1) % 4], rng.normal(size=columns)
    yield single((W, b, sigmoid, rng.normal(size=columns)))
    yield example.W[1], example.b[1], sigmoid, example.X[:, 1]


def layer_by_fractions(W: Any, b: Any, g: Any, a: Any) -> tuple[Any, Any]:
    """Return z, rounded once from the exact sums, and g of each."""
    z = []
    for W_i, b_i in zip(W, b[:, 0], strict=True):
        terms = [
            Fraction(w) * Fraction(a_j) for w, a_j in zip(W_i, a, strict=True)
        ]
        z.append(float(sum(terms) + Fraction(b_i)))
    return np.array(z), np.array([PLAIN[g.name](z_i) for z_i in z])


def layer_model(
    W: Any,
    b: Any,
    g: Any,
    a: Any,
    total: Function = lambda W, a: W @ a,
    plus: Function = lambda z, b, a: z + b[:, 0],
    activation: Function = lambda g, z: g(z),
    first: Function = lambda z, a: z,
) -> tuple[Any, Any]:
    """Return z and a of one layer; the keywords are the places for mistakes."""
    z = plus(total(W, a), b, a)
    a = activation(g, z)
    return first(z, a), a


LAYER = Task(
    arguments="W, b, g, a",
    returns="z, a",
    cases=layer_cases,
    right=layer_by_fractions,
    passed="On {} layers, z and a agree with exact sums to ten digits.",
    model=layer_model,
    mistakes={
        "total": {
            "Are the indices swapped? The weight from node j to node i is W[i, j].": (
                lambda W, a: W.T @ a
            ),
            "The last node of the layer before is left out: range(n) ends at n - 1.": (
                lambda W, a: W[:, :-1] @ a[:-1]
            ),
            "The first node of the layer before is left out: Python counts from 0.": (
                lambda W, a: W[:, 1:] @ a[1:]
            ),
            "Only the last product is left of the sum: is it added up with +=?": (
                lambda W, a: W[:, -1] * a[-1]
            ),
            "Every sum is the same: does it use row i of W?": (
                lambda W, a: np.full(len(W), W[0] @ a)
            ),
        },
        "plus": {
            "The bias is missing from z.": lambda z, b, a: z,
            "The bias is subtracted; expected it added.": lambda z, b, a: (
                z - b[:, 0]
            ),
            "b has shape (n, 1), so z + b is a matrix; its numbers are b[i, 0].": (
                lambda z, b, a: z + b
            ),
            "b[i] is an array with one element in it; the number is b[i, 0].": (
                lambda z, b, a: z[:, None] + b
            ),
            "Every z has the bias of the first node: b[0, 0] where b[i, 0] belongs?": (
                lambda z, b, a: z + b[0, 0]
            ),
            "The bias is added once for each j; expected it outside of the sum.": (
                lambda z, b, a: z + len(a) * b[:, 0]
            ),
        },
        "activation": {
            "a is z itself: was g forgotten, or z passed on instead of a?": lambda g, z: (
                z
            ),
            "g is applied twice.": lambda g, z: g(g(z)),
        },
        "first": {
            "z is a itself: is z overwritten by g(z)?": lambda z, a: a,
        },
    },
)


# Chapter 2: exclusive or

BITS = [(0, 0), (1, 0), (0, 1), (1, 1)]
BOOK_W = [EMPTY, np.ones((2, 2)), np.array([[1.0, -2.0]])]
BOOK_B = [EMPTY, np.array([[0.0], [-1.0]]), np.array([[0.0]])]


def xor_model(
    output: Function = lambda: (1, -2, 0),
) -> tuple[list[Any], list[Any]]:
    """Return weights and biases, those of the book or with another output node."""
    *w, b = output()
    return [EMPTY, BOOK_W[1], np.array([w])], [
        EMPTY,
        BOOK_B[1],
        np.array([[b]]),
    ]


def xor_outputs(leaves: Leaves) -> Leaves:
    """Return the outputs at the four pairs of bits, with ReLU and the identity, by sums."""
    (W1, W2), (b1, b2) = (
        [leaves[f"{name}[{l}]"] for l in (1, 2)] for name in "Wb"
    )
    outputs = []
    for x in BITS:
        z = [W1[i, 0] * x[0] + W1[i, 1] * x[1] + b1[i, 0] for i in range(2)]
        a = [max(0, z_i) for z_i in z]
        outputs.append(W2[0, 0] * a[0] + W2[0, 1] * a[1] + b2[0, 0])
    return {"N": np.array(outputs, float)}


def xor_explanation(outputs: Leaves) -> str:
    """Return what is wrong with a network that is not quite the exclusive or."""
    N00, N10, N01, N11 = map(float, outputs["N"])
    values = ", ".join(f"{value:.4g}" for value in outputs["N"])
    hint = f"In the order (0, 0), (1, 0), (0, 1), (1, 1), N is {values}; expected 0, 1, 1, 0."
    if abs(N00 + N11 - N10 - N01) < 1e-9:
        hint += (
            " N(0, 0) + N(1, 1) = N(1, 0) + N(0, 1), as without a hidden layer:"
        )
        hint += " does any ReLU cut something off?"
    elif max(N00, N11) < 0.5 < min(N10, N01):
        hint += " All are on the right side of 1/2; now make them exact."
    return hint


def has_own_weights(function: Function) -> bool:
    """Return whether the weights differ from the book's, also with the hidden units swapped."""
    W, b = function()
    theta = [
        pack(
            [
                EMPTY,
                np.array(W[1], float)[units],
                np.array(W[2], float)[:, units],
            ],
            [EMPTY, np.array(b[1], float)[units], np.array(b[2], float)],
        )
        for units in ([0, 1], [1, 0])
    ]
    return not any(np.array_equal(t, pack(BOOK_W, BOOK_B)) for t in theta)


XOR = Task(
    arguments="",
    returns="W, b",
    cases=lambda: [()],
    right=xor_model,
    passed="The outputs are 0, 1, 1, 0, with weights of your own.",
    model=xor_model,
    mistakes={
        "output": {
            "N is 0, 1, 1, 1: that is the inclusive or.": lambda: (1, -1, 0),
            "N is 0, 0, 0, 1: that is the and.": lambda: (0, 1, 0),
            "N is 1, 0, 0, 1: it asks whether the bits are equal, not whether they differ.": (
                lambda: (-1, 2, 1)
            ),
        },
    },
    view=xor_outputs,
    explain=xor_explanation,
    properties={
        "The network computes the exclusive or, but these are the book's weights: find others.": (
            has_own_weights
        ),
    },
)


# Chapter 3: many inputs


def sums_cases() -> Iterator[tuple[Any, ...]]:
    """Yield weights and biases of one layer, and what comes in for several inputs."""
    rng = np.random.default_rng(30)
    sizes = [(3, 3, 3), (4, 3, 2), (2, 3, 5), (1, 4, 1), (4, 1, 6)]
    sizes += [tuple(rng.integers(1, 6, size=3)) for _ in range(13)]
    for rows, columns, m in sizes:
        W, b = rng.normal(size=(rows, columns)), rng.normal(size=(rows, 1))
        yield W, b, rng.normal(size=(columns, m))
    yield single((W, b, rng.normal(size=(columns, m))))
    yield example.W[1], example.b[1], example.X


def sums_by_fractions(W: Any, b: Any, A: Any) -> Any:
    """Return Z, rounded once from the exact sums of every column."""
    columns = [layer_by_fractions(W, b, identity, a)[0] for a in A.T]
    return np.array(columns).T


def sums_model(
    W: Any,
    b: Any,
    A: Any,
    total: Function = lambda W, A: W @ A,
    plus: Function = lambda Z, b, A: Z + b,
) -> Any:
    """Return Z of one layer; the keywords are the places for mistakes."""
    return plus(total(W, A), b, A)


SUMS = Task(
    arguments="W, b, A",
    returns="Z",
    cases=sums_cases,
    right=sums_by_fractions,
    passed="On {} layers, Z agrees with exact sums to ten digits.",
    model=sums_model,
    mistakes={
        "total": {
            "Are the indices of W swapped? The weight from node j to node i is W[i, j].": (
                lambda W, A: W.T @ A
            ),
            "Are the indices of A swapped? Element j of input c is A[j, c].": (
                lambda W, A: W @ A.T
            ),
            "The last node of the layer before is left out: range(n) ends at n - 1.": (
                lambda W, A: W[:, :-1] @ A[:-1]
            ),
            "Only the last product is left of the sum: is it added up with +=?": (
                lambda W, A: np.outer(W[:, -1], A[-1])
            ),
            "Every column is the first one: does the sum use column c of A?": (
                lambda W, A: np.repeat(W @ A[:, :1], A.shape[1], axis=1)
            ),
            "Every row is the first one: does the sum use row i of W?": (
                lambda W, A: np.repeat(W[:1] @ A, len(W), axis=0)
            ),
        },
        "plus": {
            "The bias is missing from Z.": lambda Z, b, A: Z,
            "The bias is subtracted; expected it added.": lambda Z, b, A: Z - b,
            "Column c has bias c: the bias of node i is b[i, 0], whatever c is.": (
                lambda Z, b, A: Z + b[:, 0]
            ),
            "Every node has the bias of the first one: b[0, 0] where b[i, 0] belongs?": (
                lambda Z, b, A: Z + b[0, 0]
            ),
            "The bias is added once for each j; expected it outside of the sum.": (
                lambda Z, b, A: Z + len(A) * b
            ),
        },
    },
)


def forward_cases() -> Iterator[tuple[Any, ...]]:
    """Yield networks and inputs; the first have as many inputs as nodes."""
    rng = np.random.default_rng(3)
    square = random_network(rng, (3, 3, 3), [identity, sigmoid, tanh])
    yield *square, rng.normal(size=(3, 3))
    mixed = random_network(rng, (3, 5, 4, 2), [identity, relu, sigmoid, tanh])
    yield *mixed, rng.normal(size=(3, 7))
    yield *mixed, rng.normal(size=(3, 1))
    for W, b, g in some_networks(rng, 15, FUNCTIONS):
        yield W, b, g, rng.normal(size=(W[1].shape[1], rng.integers(1, 7)))
    yield single((*mixed, rng.normal(size=(3, 7))))
    yield example.W, example.b, example.g, example.X


def forward_by_sums(
    W: Any, b: Any, g: Any, X: Any
) -> tuple[list[Any], list[Any]]:
    """Return Z and A, evaluating one input at a time by the sums of chapter 2."""
    runs = [evaluate(W, b, g, X[:, c]) for c in range(X.shape[1])]
    Z, A = [EMPTY], [X]
    for l in range(1, len(W)):
        Z.append(np.array([z[l] for z, _ in runs]).T)
        A.append(np.array([a[l] for _, a in runs]).T)
    return Z, A


def forward_model(
    W: Any,
    b: Any,
    g: Any,
    X: Any,
    inputs: Function = lambda X: X,
    product: Function = lambda W, A: W @ A,
    plus: Function = lambda Z, b: Z + b,
    activation: Function = lambda g, l, Z: g[l](Z),
    kept: Function = lambda Z, A: Z,
    passed_on: Function = lambda Z, A: A,
) -> tuple[list[Any], list[Any]]:
    """Return Z and A of a network; the keywords are the places for mistakes."""
    Z, A = [EMPTY], [inputs(X)]
    A_before = A[0]
    for l in range(1, len(W)):
        Z_l = plus(product(W[l], A_before), b[l])
        A.append(activation(g, l, Z_l))
        Z.append(kept(Z_l, A[l]))
        A_before = passed_on(Z_l, A[l])
    return Z, A


FORWARD = Task(
    arguments="W, b, g, X",
    returns="Z, A",
    cases=forward_cases,
    right=forward_by_sums,
    passed="On {} networks, every column of every Z[l] and A[l] agrees with the sums of chapter 2 "
    "for that input alone, to ten digits.",
    model=forward_model,
    mistakes={
        "inputs": {
            "X is transposed, but its columns are the inputs already.": lambda X: (
                X.T
            ),
        },
        "product": {
            "W[l] is transposed: the weight from node j to node i is in row i.": (
                lambda W, A: W.T @ A
            ),
            "* multiplies element by element; the matrix product is @.": lambda W, A: (
                W * A
            ),
            "The factors are in the wrong order: A[l - 1] @ W[l]?": lambda W, A: (
                A @ W
            ),
            "The activations are transposed in the product.": lambda W, A: (
                W @ A.T
            ),
            "The results are transposed, as if inputs were rows.": lambda W, A: (
                (W @ A).T
            ),
        },
        "plus": {
            "The bias is missing from Z[l].": lambda Z, b: Z,
            "The bias is subtracted; expected it added.": lambda Z, b: Z - b,
            "b[l] has become a row: with shape (n,) or (1, n) it adds one bias to each column, and "
            "where there are other numbers of inputs than nodes it fails. Leave it a column.": (
                lambda Z, b: Z + b[:, 0]
            ),
            "Every node has the bias of the first one.": lambda Z, b: Z + b[0],
        },
        "activation": {
            "A[l] is Z[l] itself: was g[l] forgotten?": lambda g, l, Z: Z,
            "g[l] is applied twice.": lambda g, l, Z: g[l](g[l](Z)),
            "The last layer has an activation function too, g[L].": (
                lambda g, l, Z: g[l](Z) if l < len(g) - 1 else Z
            ),
            "The activation function is that of the layer before, g[l - 1].": (
                lambda g, l, Z: g[l - 1](Z)
            ),
            "The activation function is that of the first layer in every layer.": (
                lambda g, l, Z: g[1](Z)
            ),
        },
        "kept": {
            "Z[l] holds g[l] of the sums: was it overwritten?": lambda Z, A: A,
        },
        "passed_on": {
            "Z is passed on to the next layer instead of A.": lambda Z, A: Z,
        },
    },
)


# Chapter 7: the backward pass

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


def tanh_slope(wrong: Function) -> Function:
    """Return a wrong slope for tanh, and the right one for all other functions."""
    return lambda g, Z, A: wrong(g, Z, A) if g.name == "tanh" else g.dg(Z, A)


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

BIAS_MISTAKES: dict[str, Function] = {
    "db has the value of the first input only: was the sum over the inputs left out?": (
        lambda dZ, dA: dZ[:, :1]
    ),
    "db has the value of the last input only: was the sum over the inputs left out?": (
        lambda dZ, dA: dZ[:, -1:]
    ),
    "db is the mean over the inputs; expected the sum, since the 1/m is in dA already.": (
        lambda dZ, dA: dZ.mean(axis=1, keepdims=True)
    ),
    "db is summed from dA; expected the sum of dZ.": lambda dZ, dA: dA.sum(
        axis=1, keepdims=True
    ),
}
WEIGHT_MISTAKES: dict[str, Function] = {
    "dW[l] is made from A[l]; expected what came into the layer, A[l - 1].": (
        lambda dZ, A, l, dA: dZ @ A[l].T
    ),
    "dW is divided by m once too often: the 1/m is in dA already.": (
        lambda dZ, A, l, dA: dZ @ A[l - 1].T / dZ.shape[1]
    ),
    "dW is made from dA; expected dZ in its place.": lambda dZ, A, l, dA: (
        dA @ A[l - 1].T
    ),
    "dW uses the first input only: where is the product over all inputs?": (
        lambda dZ, A, l, dA: dZ[:, :1] @ A[l - 1][:, :1].T
    ),
}
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
                np.allclose(ours[l], theirs[l], atol=1e-6)
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


# Chapter 7: E and its gradient, with tanh and softmax cross-entropy


def gradient_cases() -> Iterator[tuple[Any, ...]]:
    """Yield theta, n, g, X and Y, with tanh in the hidden layers and one-hot targets."""
    rng = np.random.default_rng(17)
    shapes = [(3, 3, 3, 3), (4, 3, 2), (3, 4, 5, 4)]
    for n in shapes + [
        tuple(map(int, rng.integers(2, 6, size=3))) for _ in range(7)
    ]:
        m = 5 if n == shapes[0] else int(rng.integers(1, 8))
        g = [identity, *[tanh] * (len(n) - 2), identity]
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
    return np.allclose(function(theta, *problem)[1], differences, atol=1e-6)


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
            "The slope of tanh is missing: dZ is not dA.": tanh_slope(
                lambda g, Z, A: 1.0
            ),
            "dA is multiplied by tanh itself, not by its slope.": tanh_slope(
                lambda g, Z, A: A
            ),
            f"{AT_A}.": tanh_slope(lambda g, Z, A: g.dg(A, g(A))),
            "The slope of tanh is 1 - a^2; is it 1 - Z^2 here?": (
                tanh_slope(lambda g, Z, A: 1 - Z**2)
            ),
            "The slope of tanh is 1 - a^2; a (1 - a) is that of the sigmoid.": (
                tanh_slope(lambda g, Z, A: A * (1 - A))
            ),
        },
        "weights": WEIGHT_MISTAKES,
        "bias": BIAS_MISTAKES,
        "down": DOWN_MISTAKES,
    },
    view=by_layer,
    properties={
        "The gradient is not what differences of E say.": gradient_agrees_with_differences,
    },
    remarks={
        "(Where logits are large, e^1000 overflows and the result is NaN: subtract the largest "
        "logit of each column first, or take the softmax of nnlib.)": exponentials_stay_finite,
        "(Where logits lie far apart, softmax is rounded to 0, and E is not finite: take the "
        "logarithm before you divide, ln S = U - ln(sum of e^U).)": logarithms_stay_finite,
    },
)


# Chapter 8: the sigmoid without overflow


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


# Chapter 8: an activation function of the reader's own

SEVEN = [identity, sigmoid, tanh, relu, leaky_relu, softplus, gelu]


def activation_cases() -> Iterator[tuple[Any, ...]]:
    """Yield matrices with three rows: z - h, z and z + h."""
    rng = np.random.default_rng(88)
    for z in (np.linspace(-4.03, 4.07, 28), 2 * rng.normal(size=9)):
        yield (z + np.array([[-1e-5], [0.0], [1e-5]]),)


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
    A, dA = leaves["A"], leaves["dA"]
    differences = (A[2] - A[0]) / (Z[2] - Z[0])
    same = np.abs(dA[1] - differences) <= 1e-6 * (1 + np.abs(differences))
    pairs = [Z[1], dA[1], differences]
    return {"dA": np.where(same, 0.0, np.array(pairs, A.dtype))}


def slope_explanation(leaves: Leaves) -> str:
    """Return which slopes are wrong, and what the likely slip is."""
    z, slopes, differences = leaves["dA"][:, np.any(leaves["dA"], axis=0)]
    if leaves["dA"].dtype != np.float64:
        return f"The values have dtype {leaves['dA'].dtype}; expected that of Z, float64."
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


def is_finite_far_out(function: Function) -> bool:
    """Return whether value and slope are finite at -1000 and 1000."""
    with np.errstate(all="ignore"):
        results = function(np.array([[-1000.0, 1000.0]]))
    return bool(np.all(np.isfinite(results)))


def is_curved(function: Function) -> bool:
    """Return whether the slope is not the same everywhere."""
    return bool(np.ptp(function(next(activation_cases())[0])[1]) > 1e-9)


def is_new(function: Function) -> bool:
    """Return whether this is none of the seven functions of the chapter."""
    Z = next(activation_cases())[0]
    values = function(Z.copy())[0]
    return not any(np.allclose(values, g(Z), atol=1e-9) for g in SEVEN)


ACTIVATION = Task(
    arguments="Z",
    returns="A, dA",
    cases=activation_cases,
    right=softsign_model,
    passed="On {} matrices, the slopes agree with differences of the values to six digits.",
    model=softsign_model,
    mistakes={},
    view=slopes_that_differ,
    explain=slope_explanation,
    properties={
        "An element's result depends on the others: g has to work element by element.": (
            works_element_by_element
        ),
        "At z = 1000 or -1000 there is NaN or infinity: does an exponential overflow?": (
            is_finite_far_out
        ),
    },
    remarks={
        "(It is a straight line, though: layers of it are no more than one layer.)": is_curved,
        "(It is one of the seven of this chapter, though. And one of your own?)": is_new,
    },
)


TASKS = {
    "my_layer": LAYER,
    "my_xor": XOR,
    "my_sums": SUMS,
    "my_forward": FORWARD,
    "my_backward": BACKWARD,
    "my_gradient": GRADIENT,
    "my_sigmoid": SIGMOID,
    "my_activation": ACTIVATION,
}
