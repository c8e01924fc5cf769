"""Checks of the functions that the chapters ask the reader to write, one for each "Your turn".

A check compares the reader's function with an independent computation: exact fractions, sums in
plain Python, finite differences. To have words for what is wrong, it also has a model of the
function, as one would write it, with a keyword argument for each place where mistakes are made,
and for each place the wrong formulas that people write, each with its hint. To add a check, write
these three and a row of `TASKS`; the module `checking` does the rest.

If you would rather find out alone, do not read on.
"""

import cmath
import itertools
import math
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

import checking
import example
import patients
from checking import Function, Leaves, MisfitError, Task, kind, listed
from nnlib import (
    EMPTY,
    Activation,
    Network,
    adam,
    evaluate,
    forward,
    gelu,
    gradient_by_sums,
    gradient_descent,
    he_normal,
    identity,
    leaky_relu,
    load_mnist,
    minibatches,
    numerical_gradient,
    one_hot,
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
from progress import somebody_watches


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
    unwritten = checking.is_unwritten(function, NOTHING)
    if task is READER and somebody_watches() and not unwritten:
        print(WAIT, flush=True)
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
    plus: Function = lambda z, b, a: z + b[: len(z), 0],
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
            "The loop over j runs over len(W), the number of rows: expected len(a).": (
                lambda W, a: W[:, : len(W)] @ a[: len(W)]
            ),
            "The loop over the nodes i runs over len(a): expected len(W), the number of rows.": (
                lambda W, a: W[: len(a)] @ a
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
    errors={
        "IndexError": "Python counts from 0. Node i has row i of W, with i < len(W), and a[j] goes "
        "with column j, where j < len(a): does a loop start at 1, or have the wrong length?",
        "ValueError: Z is a list": "g takes a number or an array, and got a list: use g(z_i) for each "
        "z_i, or g(np.array(z)).",
    },
)


# Chapter 2: the whole network, layer after layer


def evaluate_cases() -> Iterator[tuple[Any, ...]]:
    """Yield networks and one input of each; the first have as many nodes in every layer."""
    rng = np.random.default_rng(20)
    square = random_network(rng, (3, 3, 3, 3), [identity, tanh, relu, sigmoid])
    yield *square, rng.normal(size=3)
    mixed = random_network(rng, (3, 5, 4, 2), [identity, relu, tanh, sigmoid])
    yield *mixed, rng.normal(size=3)
    for W, b, g in some_networks(rng, 15, FUNCTIONS):
        yield W, b, g, rng.normal(size=W[1].shape[1])
    yield single((*mixed, rng.normal(size=3)))
    yield example.W, example.b, example.g, example.X[:, 1]


def evaluate_by_fractions(
    W: Any, b: Any, g: Any, x: Any
) -> tuple[list[Any], list[Any]]:
    """Return z and a of every layer, each sum rounded once from the exact one."""
    z, a = [EMPTY], [x]
    for l in range(1, len(W)):
        z_l, a_l = layer_by_fractions(W[l], b[l], g[l], a[l - 1])
        z.append(z_l)
        a.append(a_l)
    return z, a


def evaluate_model(
    W: Any,
    b: Any,
    g: Any,
    x: Any,
    passed_on: Function = lambda z, a: a[-1],
    activation: Function = lambda g, l, z: g[l](z),
    kept: Function = lambda z, a: z,
    bias: Function = lambda b, l: b[l],
) -> tuple[list[Any], list[Any]]:
    """Return z and a of a network; the keywords are the places for mistakes."""
    z, a = [EMPTY], [x]
    for l in range(1, len(W)):
        came = passed_on(z, a)
        # A loop over the elements of what comes in does not notice that there are too few.
        z_l = W[l][:, : len(came)] @ came + bias(b, l)[:, 0]
        a.append(activation(g, l, z_l))
        z.append(kept(z_l, a[l]))
    return z, a


EVALUATE = Task(
    arguments="W, b, g, x",
    returns="z, a",
    cases=evaluate_cases,
    right=evaluate_by_fractions,
    passed="On {} networks, z and a of every layer agree with exact sums to ten digits.",
    model=evaluate_model,
    mistakes={
        "passed_on": {
            "z is passed on to the next layer instead of a.": lambda z, a: (
                z[-1] if len(z) > 1 else a[0]
            ),
            "Every layer gets the input x; expected a[l - 1], from the layer before.": (
                lambda z, a: a[0]
            ),
        },
        "activation": {
            "The last layer has an activation function too, g[L], even if it is often the "
            "identity.": lambda g, l, z: g[l](z) if l < len(g) - 1 else z,
            "a[l] is z[l] itself: was g[l] forgotten?": lambda g, l, z: z,
            "The activation function is that of the layer before, g[l - 1].": (
                lambda g, l, z: g[l - 1](z)
            ),
            "The activation function is that of the first layer in every layer.": (
                lambda g, l, z: g[1](z)
            ),
            "g[l] is applied twice: a layer applies it already.": lambda g, l, z: (
                g[l](g[l](z))
            ),
        },
        "kept": {
            "z[l] holds a[l]: is z overwritten, or are the two results of a layer mixed up?": (
                lambda z, a: a
            ),
        },
        "bias": {
            "The bias is missing from z[l].": lambda b, l: 0 * b[l],
        },
    },
    errors={
        "IndexError: list assignment": "A list grows with append: z[l] = ... needs an entry l "
        "that exists.",
        "IndexError": "W[0], b[0] and g[0] are placeholders, so the layers are 1 to len(W) - 1, as "
        "in range(1, len(W)), and a[l - 1] goes into layer l.",
        "TypeError: cannot unpack non-iterable NoneType": "The function for one layer returned "
        "None: is my_layer written? Ours is called layer.",
        "TypeError|ValueError: Z is a": "A layer takes one entry of each list, W[l], b[l], g[l] and a[l - 1], and "
        "returns two results.",
    },
)


# Chapter 2: two steps that add up to a target


def target_model(
    w: Function = lambda: 5.0,
    bias: Function = lambda w, center: -w * center,
    heights: Function = lambda: (1.5, -1.5),
) -> tuple[list[Any], list[Any]]:
    """Return weights and biases of the target; the keywords are the places for mistakes."""
    W1, b1 = np.full((2, 1), w()), [[bias(w(), center)] for center in (-1, 1)]
    W = [EMPTY, W1, np.array([heights()])]
    return W, [EMPTY, np.array(b1), np.zeros((1, 1))]


def target_outputs(leaves: Leaves) -> Leaves:
    """Return the outputs at -2, -1.75, ..., 2, with the sigmoid and then the identity, by sums."""
    (W1, W2), (b1, b2) = (
        [leaves[f"{name}[{l}]"] for l in (1, 2)] for name in "Wb"
    )
    outputs = []
    for k in range(-8, 9):
        z = [W1[i, 0] * k / 4 + b1[i, 0] for i in range(2)]
        a = [1 / (1 + math.exp(min(-z_i, 700))) for z_i in z]
        outputs.append(W2[0, 0] * a[0] + W2[0, 1] * a[1] + b2[0, 0])
    return {"N": np.array(outputs, float)}


def target_curve(x: np.ndarray) -> np.ndarray:
    """Return the target of chapter 2, which my_target should hit."""
    return 1.5 * (sigmoid(5 * x + 5) - sigmoid(5 * x - 5))


def target_explanation(outputs: Leaves) -> str:
    """Return what is wrong with two steps that miss the target."""
    N, right = outputs["N"], target_curve(np.linspace(-2, 2, 17))
    share = N[8] / right[8]
    if 0.9 < share < 1 and np.allclose(N, share * right, rtol=0, atol=1e-6):
        return (
            f"At 0, N is {N[8]:.2f}; expected {right[8]:.2f}. At 0 neither step is finished: make "
            "them a little higher."
        )
    values = ", ".join(f"{value:.2f}" for value in N[::4])
    return (
        f"At -2, -1, 0, 1 and 2, N is {values}; expected 0.01, 0.75, 1.48, 0.75, 0.01. A step has "
        "its center at -b/w, and its height is the outgoing weight."
    )


TARGET = Task(
    arguments="",
    returns="W, b",
    cases=lambda: [()],
    right=target_model,
    passed="Your two steps hit the target from -2 to 2.",
    model=target_model,
    mistakes={
        "w": {
            "The centers and heights are right; now make the steps as steep as w = 5 does.": (
                lambda: 2.0
            ),
        },
        "bias": {
            "The target is upside down: a step has its center at -b/w. Is the sign of the biases "
            "wrong, or have the heights changed places?": lambda w, center: (
                w * center
            ),
            "The biases are 1 and -1, so the centers -b/w are -1/5 and 1/5; expected -1 and 1.": (
                lambda w, center: -float(center)
            ),
            "Both steps have their center at 0; expected -1 and 1.": (
                lambda w, center: 0.0
            ),
        },
        "heights": {
            "Both steps go up, so N ends at 3; the second has to take back what the first gave.": (
                lambda: (1.5, 1.5)
            ),
            "The steps are 1 high; read off how high the target is.": (
                lambda: (1.0, -1.0)
            ),
        },
    },
    view=target_outputs,
    explain=target_explanation,
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


# Chapter 2: a staircase


def staircase_cases() -> Iterator[tuple[Any, ...]]:
    """Yield heights, the places of the steps between them, and a steepness."""
    yield np.array([1.0, 3.0, 2.0]), np.array([0.5, 2.0]), 40.0
    rng = np.random.default_rng(24)
    for K in (2, 5, 8):
        yield rng.normal(size=K), np.sort(rng.uniform(-3, 5, size=K - 1)), 6.0


def staircase_model(
    h: Any,
    t: Any,
    s: float,
    bias: Function = lambda s, t: -s * t,
    jumps: Function = lambda h: h[1:] - h[:-1],
    start: Function = lambda h: h[0],
) -> tuple[list[Any], list[Any]]:
    """Return weights and biases of (2.14); the keywords are the places for mistakes."""
    W = [EMPTY, np.full((len(t), 1), s), jumps(h).reshape(1, -1)]
    return W, [EMPTY, bias(s, t).reshape(-1, 1), np.array([[start(h)]])]


def staircase_outputs(leaves: Leaves, h: Any, t: Any, s: float) -> Leaves:
    """Return the outputs around the steps, with the sigmoid and then the identity, by sums."""
    (W1, W2), (b1, b2) = (
        [leaves[f"{name}[{l}]"] for l in (1, 2)] for name in "Wb"
    )
    outputs = []
    for x in np.concatenate([[t[0] - 1], t, t + 0.1, [t[-1] + 1]]):
        z = [W1[i, 0] * x + b1[i, 0] for i in range(len(t))]
        a = [1 / (1 + math.exp(min(-z_i, 700))) for z_i in z]
        outputs.append(sum(W2[0, i] * a[i] for i in range(len(t))) + b2[0, 0])
    return {"N": np.array(outputs, float)}


STAIRCASE = Task(
    arguments="h, t, s",
    returns="W, b",
    cases=staircase_cases,
    right=staircase_model,
    passed="On {} staircases the outputs at the steps and between them are those of (2.14).",
    model=staircase_model,
    mistakes={
        "bias": {
            "Step k has its center where s x + b = 0, and that is t_k only if b = -s t_k: is the "
            "sign of the biases wrong?": lambda s, t: s * t,
            "The biases are -t_k; expected -s t_k, because s (x - t_k) = s x - s t_k.": (
                lambda s, t: -t
            ),
        },
        "jumps": {
            "The output weights are heights; expected changes of height, h_{k+1} - h_k.": (
                lambda h: h[1:]
            ),
            "The changes have the wrong sign; expected h_{k+1} - h_k.": (
                lambda h: h[:-1] - h[1:]
            ),
        },
        "start": {
            "To the left of all steps N is h_1: is the bias of the output missing?": (
                lambda h: 0.0
            ),
        },
    },
    view=staircase_outputs,
)


# Chapter 2: a tent of a tent


def tents_model(
    second: Function = lambda: ([[2.0, -4.0], [2.0, -4.0]], [0.0, -0.5]),
    output: Function = lambda: (2.0, -4.0),
) -> tuple[list[Any], list[Any]]:
    """Return weights and biases of T(T(x)); the keywords are the places for mistakes."""
    W2, b2 = second()
    W = [EMPTY, np.ones((2, 1)), np.array(W2), np.array([output()])]
    b = [[[0.0], [-0.5]], [[b_i] for b_i in b2], [[0.0]]]
    return W, [EMPTY, *map(np.array, b)]


def tents_outputs(leaves: Leaves) -> Leaves:
    """Return the outputs at 0, 1/8, ..., 1, with ReLU twice and then the identity, by sums."""
    outputs = []
    for k in range(9):
        a = [k / 8]
        for l in (1, 2, 3):
            W, b = leaves[f"W[{l}]"], leaves[f"b[{l}]"]
            z = [
                sum(w * a_j for w, a_j in zip(W[i], a, strict=True)) + b[i, 0]
                for i in range(len(W))
            ]
            a = [max(0, z_i) for z_i in z] if l < 3 else z
        outputs.append(a[0])
    return {"N": np.array(outputs, float)}


def tents_explanation(outputs: Leaves) -> str:
    """Return what is wrong with a network that is not quite two tents, one after the other."""
    values = ", ".join(f"{value:.4g}" for value in outputs["N"][::2])
    hint = f"At 0, 1/4, 1/2, 3/4 and 1, N is {values}; expected 0, 1, 0, 1, 0."
    return f"{hint} What comes into the second tent is 2 a_1 - 4 a_2."


TENTS = Task(
    arguments="",
    returns="W, b",
    cases=lambda: [()],
    right=tents_model,
    passed="At 0, 1/8, ..., 1 the output is T(T(x)).",
    model=tents_model,
    mistakes={
        "second": {
            "Is W[2] transposed? Each row belongs to one node, and both nodes get 2 a_1 - 4 a_2.": (
                lambda: ([[2.0, 2.0], [-4.0, -4.0]], [0.0, -0.5])
            ),
            "The second tent needs its biases 0 and -1/2 as well.": (
                lambda: ([[2.0, -4.0], [2.0, -4.0]], [0.0, 0.0])
            ),
            "The first tent is never put together: both nodes of layer 2 get a_1 + a_2; expected "
            "2 a_1 - 4 a_2.": (lambda: ([[1.0, 1.0], [1.0, 1.0]], [0.0, -0.5])),
            "Each node of layer 2 gets one node of layer 1; expected both, as 2 a_1 - 4 a_2.": (
                lambda: ([[1.0, 0.0], [0.0, 1.0]], [0.0, -0.5])
            ),
            "The weights of the first tent are split; expected 2 and -4 in both rows of W[2].": (
                lambda: ([[2.0, 0.0], [0.0, -4.0]], [0.0, -0.5])
            ),
        },
        "output": {
            "The output node adds the two up as they are; expected 2 a_1 - 4 a_2.": (
                lambda: (1.0, 1.0)
            ),
        },
    },
    view=tents_outputs,
    explain=tents_explanation,
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
        "could not be broadcast": (
            "Two shapes do not fit. Is b[l] still a column, of shape (n[l], 1)?"
        ),
    },
)


# Chapter 4: the walk by hand


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
                for count in range(4, 82)  # the shortest walk has 3 steps
            },
        },
        "end": {
            "That is one step too far, the step that no longer leads down.": (
                lambda before, after: after
            ),
        },
    },
)


# Chapter 4: an error of the outputs, with its derivative

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
    """Return what to do about overflow and underflow, if E or dA is not finite."""
    if not np.isfinite(leaves["dA"].astype(float)).all():
        return NOT_FINITE
    return "" if np.isfinite(float(leaves["E"])) else ROUNDED


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
            "Where logits are large, the sum of their exponentials overflows: subtract the largest "
            "logit of each column first, which changes no share.": lambda A: (
                A - np.log(np.exp(A).sum(axis=0))
            ),
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


# Chapter 4: one set to fit, one to choose by, one to report


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


# Chapter 7: three suspects; a check says what is wrong and where, but not why


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


# Chapter 7: networks on which one of three suspects is caught


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


# Chapter 7: E and its gradient, with softmax cross-entropy


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


# Chapter 5: a step of gradient descent, a whole walk, differences, k steps at once, momentum, line
# search


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


# Chapter 6: the weight rule, by sums


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


# Chapter 6: the layer rule, by sums


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


# Chapter 6: the backward pass, by rules


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


# Chapter 6: the pass on paper. What is expected comes from a complex step of each quantity.


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


# Chapter 6: the check of a gradient. All numbers are whole or multiples of a power of 2, so that
# values, and with them the differences, are exact.


def polynomial(factor: Any) -> Function:
    """Return x[0] x[1]^3 + the sum of k x[k]^3 with its gradient, times a factor for each element."""

    def f(x: Any) -> tuple[float, Any]:
        k = np.arange(len(x))
        value = x[0] * x[1] ** 3 + np.sum(k * x**3)
        gradient = 3.0 * k * x**2
        gradient[0] += x[1] ** 3
        gradient[1] += 3 * x[0] * x[1] ** 2
        return float(value), gradient * factor

    return f


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


# Chapter 9: the whole training


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


# Chapter 9: one epoch of mini-batches


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


# Chapter 9: when to stop


def walks_and_errors() -> Iterator[tuple[list[float], int, int]]:
    """Yield validation errors by step, the largest number of steps, and a patience."""
    dips = [5.0, 4.0, 4.5, 3.0, 3.5, 3.2, 2.0, 2.5, 2.6, 2.2, 2.1, 2.3, 1.0]
    yield dips, 12, 4  # stops at 10, two steps before the least
    yield [9.0, 8.0, 6.0, 5.0, 3.0, 2.0], 5, 2  # falls to the end
    yield [1.0, 2.0, 3.0, 2.5, 4.0, 5.0, 0.5], 6, 3  # the start is the best
    yield [4.0, 3.0, 2.0, 2.5, 2.6, 2.4], 5, 9  # the steps end before patience
    yield [4.0, 3.0, 3.5, 2.0, 2.2, 2.1, 1.5, 1.6, 1.7], 8, 1  # impatient
    yield [7.0, 8.0, 7.5, 7.2, 6.0, 6.5, 6.4, 6.2, 6.1, 5.0], 9, 5  # late again


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


# Chapter 9: how large weighted sums and blame are


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


# Chapter 9: a network of your own

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
    passed="Your network has learned |x| to E below 0.001, and what is in the file has the error "
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
    far = np.array([-19.7, -11.3, -8.07, -6.53, 6.53, 8.07, 11.3, 19.7])
    for z in (np.linspace(-4.03, 4.07, 28), 2 * rng.normal(size=9), far):
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
    passed="On {} matrices, the slopes agree with differences of the values to six digits.",
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


# Chapter 8: the share of the blame that arrives


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


# Chapter 9: an unknown patient


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


# Chapter 8: first weights. They are random, so what is compared is their variances, each relative to
# the one that is asked for, and rounded to what one of the usual mistakes would lead to.


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


# Chapter 10: the line through points


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


# Chapter 10: the normal equations


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


# Chapter 10: the number of steps, before they are taken


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


# Chapter 10: standardized features


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


# Chapter 11: the nearest of ten mean images


def clusters(
    rng: Any, pixels: int, m: int, spread: float
) -> tuple[Any, Any, Any]:
    """Return inputs around ten centers, one for each digit, their labels, and new inputs."""
    centers = rng.normal(size=(pixels, 10))
    labels = rng.permutation(np.arange(m) % 10)
    X = centers[:, labels] + spread * rng.normal(size=(pixels, m))
    X_new = centers[:, rng.integers(10, size=60)]
    return X, labels, X_new + spread * rng.normal(size=X_new.shape)


def nearest_mean_cases() -> Iterator[tuple[Any, ...]]:
    """Yield inputs, their digits, and new inputs; digits are not equally frequent."""
    rng = np.random.default_rng(11)
    for pixels, m, spread in ((3, 40, 0.8), (5, 33, 1.0), (2, 58, 0.5)):
        yield clusters(rng, pixels, m, spread)
    X, labels, X_new = clusters(rng, 4, 47, 0.6)
    yield single(X), labels, single(X_new)


def nearest_mean_by_sums(X: Any, labels: Any, X_new: Any) -> Any:
    """Return the digits of the nearest means, from sums in plain Python."""
    means = []
    for d in range(10):
        mine = [x for x, label in zip(X.T, labels, strict=True) if label == d]
        means.append(
            [sum(pixel) / len(mine) for pixel in zip(*mine, strict=True)]
        )
    digits = []
    for x in X_new.T:
        squares = [
            sum((a - b) ** 2 for a, b in zip(x, mean, strict=True))
            for mean in means
        ]
        digits.append(squares.index(min(squares)))
    return np.array(digits)


def nearest_mean_model(
    X: Any,
    labels: Any,
    X_new: Any,
    center: Function = lambda x: x.mean(axis=1),
    distance: Function = lambda x, mean: ((x - mean[:, None]) ** 2).sum(axis=0),
    choose: Function = lambda d: d.argmin(axis=0),
) -> Any:
    """Return the digit of the nearest mean for each column; the keywords are for mistakes."""
    means = [center(X[:, labels == d]) for d in range(10)]
    return choose(np.array([distance(X_new, mean) for mean in means]))


NEAREST_MEAN = Task(
    arguments="X, labels, X_new",
    returns="digits",
    cases=nearest_mean_cases,
    right=nearest_mean_by_sums,
    passed="On {} sets of inputs, all answers are those of distances computed by plain sums.",
    model=nearest_mean_model,
    mistakes={
        "center": {
            "The centers are sums; expected means, over the images of each digit.": (
                lambda x: x.sum(axis=1)
            ),
            "Each digit is represented by a single image, not by the mean of all its images.": (
                lambda x: x[:, 0]
            ),
        },
        "distance": {
            "The absolute differences are added up; expected their squares.": lambda x, mean: (
                np.abs(x - mean[:, None]).sum(axis=0)
            ),
            "The differences are added up before they are squared, so that they cancel.": (
                lambda x, mean: (x - mean[:, None]).sum(axis=0) ** 2
            ),
            "The product with each mean is no distance: where is half the square of the mean's "
            "length?": lambda x, mean: -(mean @ x),
        },
        "choose": {
            "These are the digits of the farthest means: argmin, not argmax.": (
                lambda d: d.argmax(axis=0)
            ),
        },
    },
    explain=lambda leaves: (
        "Some columns get another digit than that of the nearest mean. For each digit the mean of its "
        "columns of X; for each column of X_new the sum of the squared differences to each mean; "
        "then the index of the smallest."
    ),
)


# Chapter 11: how long a step of the output layer may be


def bound_cases() -> Iterator[tuple[Any, ...]]:
    """Yield hidden activations, a column for each image."""
    rng = np.random.default_rng(13)
    for n, m in ((3, 7), (5, 4), (8, 50)):
        yield (rng.random((n, m)),)
    yield (np.full((3, 6), 0.5),)
    yield (single(rng.random((4, 9))),)


def bound_by_singular_value(A_1: Any) -> Any:
    """Return the bound from the largest singular value of B, whose square is m lambda_max."""
    B = np.vstack([A_1, np.ones_like(A_1[:1])])
    return 2 * B.shape[1] / np.linalg.norm(B, 2) ** 2


def bound_model(
    A_1: Any,
    extend: Function = lambda A: np.vstack([A, np.ones_like(A[:1])]),
    divide: Function = lambda n, m: m,
    choose: Function = lambda eigenvalues: eigenvalues[-1],
    turn: Function = lambda largest: 2 / largest,
) -> Any:
    """Return the bound of the output layer; the keywords are for mistakes."""
    B = extend(A_1)
    H = B @ B.T / divide(*A_1.shape)
    return turn(choose(np.linalg.eigvalsh(H)))


STEP_BOUND = Task(
    arguments="A_1",
    returns="bound",
    cases=bound_cases,
    right=bound_by_singular_value,
    passed="{} bounds are right; they come from the largest singular value of B.",
    model=bound_model,
    mistakes={
        "extend": {
            "B has a row of ones below A_1, for the bias: is it missing?": lambda A: (
                A
            ),
        },
        "divide": {
            "H is B B^T divided by m, the number of columns: is 1/m missing?": (
                lambda n, m: 1
            ),
            "H is divided by m, the number of columns of A_1, not by the number of its rows.": (
                lambda n, m: n
            ),
        },
        "choose": {
            "That is the smallest eigenvalue; expected the largest. (eigvalsh sorts upward.)": (
                lambda eigenvalues: eigenvalues[0]
            ),
            "That is the sum of the eigenvalues; expected the largest.": np.sum,
        },
        "turn": {
            "That is lambda_max itself; the bound is 2 / lambda_max.": lambda largest: (
                largest
            ),
            "That is 1 / lambda_max; the factor 1 - gamma lambda is -1 at 2 / lambda_max.": (
                lambda largest: 1 / largest
            ),
        },
    },
    explain=lambda leaves: (
        "Some bounds are wrong. If all columns of B are equal, lambda_max is their squared length."
    ),
)


# Chapter 11: who is taken for whom


def confusion_cases() -> Iterator[tuple[Any, ...]]:
    """Yield digits that are shown and answers; some pairs occur often and some never."""
    rng = np.random.default_rng(12)
    for m in (400, 60, 1):
        labels = rng.integers(10, size=m)
        slips = rng.integers(10, size=m)
        yield labels, np.where(rng.random(m) < 0.7, labels, slips)
    yield np.array([4, 4, 9, 4]), np.array([9, 9, 4, 4])


def confusion_by_counting(labels: Any, answers: Any) -> Any:
    """Return how often each pair occurs, counted one by one."""
    C = [[0] * 10 for _ in range(10)]
    for label, answer in zip(labels, answers, strict=True):
        C[int(label)][int(answer)] += 1
    return np.array(C)


def confusion_model(
    labels: Any,
    answers: Any,
    place: Function = lambda shown, answer: (shown, answer),
    count: Function = np.add.at,
    finish: Function = lambda C: C,
) -> Any:
    """Return the matrix that counts pairs of digits and answers; the keywords are for mistakes."""
    C = np.zeros((10, 10))
    count(C, place(labels, answers), 1)
    return finish(C)


def set_to_one(C: Any, places: Any, one: int) -> None:
    """Add 1 to the places, as C[places] += 1 does it: once, however often a place occurs."""
    C[places] += one


CONFUSION = Task(
    arguments="labels, answers",
    returns="C",
    cases=confusion_cases,
    right=confusion_by_counting,
    passed="On {} lists of digits and answers, all hundred counts are right.",
    model=confusion_model,
    mistakes={
        "place": {
            "Rows and columns are exchanged: row i belongs to the digit shown.": (
                lambda shown, answer: (answer, shown)
            ),
        },
        "count": {
            "Each pair is counted once, however often it occurs: that is what C[labels, answers] += 1 "
            "does. Use a loop, np.add.at or np.bincount.": set_to_one,
        },
        "finish": {
            "Right answers are missing: they belong on the diagonal.": lambda C: (
                C - np.diag(np.diag(C))
            ),
            "These are shares of a row; expected counts.": lambda C: (
                C / np.maximum(C.sum(axis=1, keepdims=True), 1)
            ),
        },
    },
    explain=lambda leaves: (
        f"C adds up to {leaves['C'].sum():g}, and some of its counts are wrong."
    ),
)


# Chapter 11: a reader of digits of the reader's own, judged on the validation images

LEARNED, LEAST = 5000, 9450
"""How many images there are to learn from, and how many of 10000 others must be read right."""

WAIT = (
    "Learning from 5000 images, once, then reading 10000 others. Nothing appears\n"
    "until that is done. Our version takes about 15 seconds on a quiet core."
)
"""What is printed before a reader of digits learns."""

NOTHING = MisfitError("It returns None: is the return missing?")
"""What comes of a function that is not written yet."""


@cache
def training_images() -> tuple[Any, Any]:
    """Return MNIST's training images and labels; no check ever looks at the test images."""
    mnist = load_mnist(Path(__file__).parent / "data/mnist", dtype=np.float32)
    return mnist.X_train, mnist.labels_train


counts_seen: deque[int] = deque(maxlen=2)
"""How many validation images were read right, the latest two counts."""


def few_images() -> Iterator[tuple[Any, ...]]:
    """Yield 5000 images, their digits, and the 10000 validation images."""
    X, labels = training_images()
    yield X[:, :LEARNED], labels[:LEARNED], X[:, 50000:]


def few_right(leaves: Leaves, X: Any, labels: Any, X_new: Any) -> Leaves:
    """Return how many of 10000 answers are right, where more than half count as all."""
    right = int(np.sum(leaves["digits"] == training_images()[1][50000:]))
    counts_seen.append(right)
    return {"digits": np.array(10000 if right > 5000 else right)}


def reader_model(X: Any, labels: Any, X_new: Any) -> Any:
    """Return the digits that a network reads after 600 batches of 50 columns."""
    network = Network((784, 200, 10), (relu, identity), softmax_cross_entropy)
    rng = np.random.default_rng(0)
    theta = he_normal(network.n, rng, dtype=X.dtype)
    theta = gradient_descent(
        network.value_and_gradient,
        theta,
        lambda k: 0.004 * (1 - k / 600),
        600,
        rule=adam(),
        batches=minibatches(X, one_hot(labels, dtype=X.dtype), 50, rng),
    )
    return network(theta, X_new).argmax(axis=0)


def validated() -> int:
    """Return how many of the 10000 validation images the latest function has read right.

    One training is enough: its digits were counted before the expected ones.
    """
    return counts_seen[0]


def reader_objection(function: Function) -> str:
    """Return how much a reader of digits has reached if that is too little, or ""."""
    count = validated()
    if count >= LEAST:
        return ""
    return (
        f"After learning from {LEARNED} images it reads {count / 100:.2f} percent of the 10000 "
        f"validation images, less than {LEAST / 100:g}. (The nearest neighbors read about 94.)"
    )


def reads_well(function: Function) -> str:
    """Return what a reader of digits has reached, and what there is to beat.

    The book's own readers are called otherwise than the reader's. Of these it gives whole percent,
    since the next digits are not the same on every processor.
    """
    percent = validated() / 100
    if getattr(function, "__name__", "") == "my_reader":
        reached = f"it reads {percent:.2f} percent"
        beat = " (The book's own reads a little more than 97.)"
    else:
        reached, beat = f"it reads more than {int(percent)} percent", ""
    return (
        f"After learning from {LEARNED} images, {reached} of the 10000 validation images.{beat} The "
        "test images stay locked."
    )


READER = Task(
    arguments="X, labels, X_new",
    returns="digits",
    cases=few_images,
    right=lambda X, labels, X_new: training_images()[1][50000:],
    passed=reads_well,
    model=reader_model,
    mistakes={},
    view=few_right,
    explain=lambda leaves: (
        f"After learning from {LEARNED} images it reads {leaves['digits']:g} of 10000 others right; "
        "expected more than half. Are the columns of X and the labels still in the same order?"
    ),
    objection=reader_objection,
)


TASKS = {
    "my_layer": LAYER,
    "my_evaluate": EVALUATE,
    "my_target": TARGET,
    "my_xor": XOR,
    "my_staircase": STAIRCASE,
    "my_tents": TENTS,
    "my_sums": SUMS,
    "my_forward": FORWARD,
    "my_squared_error": SQUARED_ERROR,
    "my_walk": WALK,
    "my_cross_entropy": CROSS_ENTROPY,
    "my_choice": CHOICE,
    "my_backward": BACKWARD,
    "suspect_1": SUSPECT,
    "suspect_2": SUSPECT,
    "suspect_3": SUSPECT,
    "my_traps": TRAPS,
    "my_gradient": GRADIENT,
    "my_step": STEP,
    "my_descend": DESCEND,
    "my_differences": DIFFERENCES,
    "my_shortcut": SHORTCUT,
    "my_momentum": MOMENTUM,
    "my_line_search": LINE_SEARCH,
    "my_weight_rule": WEIGHT_RULE,
    "my_layer_rule": LAYER_RULE,
    "my_gradient_by_indices": BY_RULES,
    "my_pass_on_paper": PAPER,
    "my_gradient_check": GRADIENT_CHECK,
    "my_training": TRAINING,
    "my_epoch": EPOCH,
    "my_stop_early": STOPPING,
    "my_sizes": SIZES,
    "my_network": OWN,
    "my_sigmoid": SIGMOID,
    "my_activation": ACTIVATION,
    "my_share": SHARE,
    "my_diagnosis": DIAGNOSIS,
    "my_first_weights": FIRST_WEIGHTS,
    "my_line": LINE,
    "my_normal_equations": NORMAL,
    "my_steps": STEPS,
    "my_standardize": STANDARDIZE,
    "my_nearest_mean": NEAREST_MEAN,
    "my_bound": STEP_BOUND,
    "my_confusion": CONFUSION,
    "my_reader": READER,
}
