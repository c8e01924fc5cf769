"""The tasks of chapter 3: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

import example
from checking import Function, Task
from nnlib import EMPTY, identity, relu, sigmoid, tanh
from tasks_shared import (
    FUNCTIONS,
    forward_by_sums,
    layer_by_fractions,
    random_network,
    single,
    some_networks,
)

# Many inputs


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
    passed="On {} layers, Z agrees with exact sums to ten digits of its largest element.",
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
                lambda Z, b, A: Z + b[: A.shape[1], 0]
            ),
            "b has become a row: with shape (n,) or (1, n) it adds one bias to each column. Leave "
            "it a column.": lambda Z, b, A: Z + b[:, 0],
            "b[i] is an array with one element in it; the number is b[i, 0].": (
                lambda Z, b, A: (Z + b)[:, :, np.newaxis]
            ),
            "Every node has the bias of the first one: b[0, 0] where b[i, 0] belongs?": (
                lambda Z, b, A: Z + b[0, 0]
            ),
            "The bias is added once for each j; expected it outside of the sum.": (
                lambda Z, b, A: Z + len(A) * b
            ),
        },
    },
    errors={
        "array element with a sequence|only 0-dimensional|only length-1": (
            "A number was expected, and an array was given. Is it b[i]? That is an array with one "
            "element in it; the number is b[i, 0]."
        ),
        "out of bounds": (
            "An index is too large. Node i has W[i, j] and b[i, 0]; element j of input c is A[j, c]."
        ),
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
    passed_on: Function = lambda Z, A, X: A,
) -> tuple[list[Any], list[Any]]:
    """Return Z and A of a network; the keywords are the places for mistakes."""
    Z, A = [EMPTY], [inputs(X)]
    A_before = A[0]
    for l in range(1, len(W)):
        Z_l = plus(product(W[l], A_before), b[l])
        A.append(activation(g, l, Z_l))
        Z.append(kept(Z_l, A[l]))
        A_before = passed_on(Z_l, A[l], A[0])
    return Z, A


FORWARD = Task(
    arguments="W, b, g, X",
    returns="Z, A",
    cases=forward_cases,
    right=forward_by_sums,
    passed="On {} networks, every column of every Z[l] and A[l] agrees with the sums of chapter 2 "
    "for that input alone, to ten digits of the largest element of Z[l] or A[l].",
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
            "Z is passed on to the next layer instead of A.": lambda Z, A, X: Z,
            "Every layer is given X: what goes into layer l is A[l - 1].": (
                lambda Z, A, X: X
            ),
        },
    },
    errors={
        r"different from 0\)": (
            "There is no layer 0: W[0] is an empty placeholder. Expected l to start at 1, "
            "range(1, len(W))."
        ),
        "matmul": (
            "The product does not fit. Layer l multiplies W[l], of shape (n[l], n[l - 1]), by what "
            "came out of the layer before, A[l - 1]."
        ),
        "list index out of range": (
            "A list is too short. They begin with Z[0] = EMPTY and A[0] = X, and layer l is given "
            "A[l - 1]."
        ),
        r"could not be broadcast.*\(0,0\)": (
            "There is no b[0]: it is an empty placeholder. Layer l adds b[l]."
        ),
        "could not be broadcast": (
            "Two shapes do not fit. Is b[l] still a column, of shape (n[l], 1)?"
        ),
    },
)
