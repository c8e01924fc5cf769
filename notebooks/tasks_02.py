"""The tasks of chapter 2: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

import example
from checking import Function, Leaves, Task
from nnlib import EMPTY, identity, pack, relu, sigmoid, tanh
from tasks_shared import (
    FUNCTIONS,
    layer_by_fractions,
    random_network,
    single,
    some_networks,
)

# One layer, by sums


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


# The whole network, layer after layer


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


# Two steps that add up to a target


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


# Exclusive or

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


# A staircase


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


# A tent of a tent


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
