"""The seven programs of chapter 7: a step of gradient descent, right and with one line wrong.

All of them train the network n = (3, 3, 3, 3), with the sigmoid, ReLU and the identity, on the
same 20 inputs. The right program is kept as text; each wrong one comes from it by exchanging one
line, so that nothing else can differ. A program takes one network or a stack of networks, arrays
with one more axis in front.
"""

from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from figures import GRAY
from nnlib import identity, random_normal, relu, sigmoid, unpack

n = (3, 3, 3, 3)
g = [identity, sigmoid, relu, identity]
X = np.random.default_rng(7).uniform(-2, 2, size=(3, 20))
Y = np.array([np.sin(X[0]) + X[1] / 2, X[0] * X[1] / 2, np.abs(X[2])])

PROGRAM = """
g = [None, sigmoid, relu, identity]
dg = [
    None,
    lambda Z: sigmoid(Z) * (1 - sigmoid(Z)),
    lambda Z: 1.0 * (Z > 0),
    lambda Z: 1.0,
]

def step(W, b, X, Y, rate):
    Z, A = [None], [X]
    for l in (1, 2, 3):
        Z.append(W[l] @ A[l - 1] + b[l])
        A.append(g[l](Z[l]))
    dA = (A[3] - Y) / Y.shape[1]
    for l in (3, 2, 1):
        dZ = dA * dg[l](Z[l])
        dA = W[l].mT @ dZ
        W[l] = W[l] - rate * dZ @ A[l - 1].mT
        b[l] = b[l] - rate * dZ.sum(axis=-1, keepdims=True)
""".strip()

# What stands in the right program, and what stands there in the wrong one.
CHANGES = {
    "no 1/m": ("dA = (A[3] - Y) / Y.shape[1]", "dA = A[3] - Y"),
    "no transpose": ("dA = W[l].mT @ dZ", "dA = W[l] @ dZ"),
    "slope at a": ("dZ = dA * dg[l](Z[l])", "dZ = dA * dg[l](A[l])"),
    "one input": (
        "b[l] = b[l] - rate * dZ.sum(axis=-1, keepdims=True)",
        "b[l] = b[l] - rate * dZ[..., :1]",
    ),
    "slope by >=": (
        "lambda Z: 1.0 * (Z > 0)",
        "lambda Z: 1.0 * (relu(Z) >= 0)",
    ),
    "new weights": (
        "dA = W[l].mT @ dZ\n        W[l] = W[l] - rate * dZ @ A[l - 1].mT",
        "W[l] = W[l] - rate * dZ @ A[l - 1].mT\n        dA = W[l].mT @ dZ",
    ),
}
NAMES = ["right", *CHANGES]
# What the seven are compared with, made from the right program in the same way.
OTHERS = {
    "last layer alone": ("for l in (3, 2, 1):", "for l in (3,):"),
    "hidden reversed": (
        "dA = W[l].mT @ dZ",
        "dA = W[l].mT @ dZ * (-1 if l == 3 else 1)",
    ),
    "no biases": (
        "b[l] = b[l] - rate * dZ.sum(axis=-1, keepdims=True)",
        "pass",
    ),
}
# The order of the first figure, which does not give the names away.
SHUFFLED = ["new weights", "one input", "slope by >=", "slope at a", "no 1/m"]
SHUFFLED += ["right", "no transpose"]
LETTERS = dict(zip(SHUFFLED, "ABCDEFG", strict=True))
LETTERS["right"] = f"{LETTERS['new weights']} and {LETTERS['right']}"

Step = Callable[..., None]


def program(name: str) -> Step:
    """Return the function `step` of the program with that name."""
    if name == "right":
        return compiled(PROGRAM)
    return changed(*(CHANGES | OTHERS)[name])


def changed(before: str, after: str) -> Step:
    """Return the function `step` of the right program with one place exchanged."""
    assert PROGRAM.count(before) == 1
    return compiled(PROGRAM.replace(before, after))


def compiled(text: str) -> Step:
    """Return the function `step` that the text of a program defines."""
    variables: dict[str, Any] = {
        function.name: function for function in (sigmoid, relu, identity)
    }
    exec(text, variables)
    step: Step = variables["step"]
    return step


def starts(count: int = 100) -> tuple[list[Any], list[Any]]:
    """Return W and b of that many networks, stacked, with weights from N(0, 0.7^2)."""
    rngs = [np.random.default_rng(seed) for seed in range(count)]
    pairs = [unpack(random_normal(n, rng, scale=0.7), n) for rng in rngs]
    stacks = [
        [np.stack(arrays) for arrays in zip(*lists, strict=True)]
        for lists in zip(*pairs, strict=True)
    ]
    return stacks[0], stacks[1]


def forward_stack(W: list[Any], b: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return Z and A of all layers, for one network or a stack of networks."""
    Z, A = [None], [X]
    for l in (1, 2, 3):
        Z.append(W[l] @ A[l - 1] + b[l])
        A.append(g[l](Z[l]))
    return Z, A


def loss(W: list[Any], b: list[Any]) -> Any:
    """Return E, one number for each network of a stack."""
    residuals = forward_stack(W, b)[1][3] - Y
    return np.sum(residuals**2, axis=(-2, -1)) / (2 * Y.shape[1])


def best_constant() -> Any:
    """Return E / E_0 from each start, if the output is the mean target for every input."""
    rest = Y - Y.mean(axis=1, keepdims=True)
    return np.sum(rest**2) / (2 * Y.shape[1]) / loss(*starts())


def train(
    step: Step, rate: float = 0.05, steps: int = 500
) -> tuple[Any, list[Any], list[Any]]:
    """Return E / E_0 after every tenth step, from each start, and the last W and b."""
    W, b = starts()
    E = [loss(W, b)]
    for k in range(1, steps + 1):
        step(W, b, X, Y, rate)
        if k % 10 == 0:
            E.append(loss(W, b))
    return np.array(E) / E[0], W, b


def draw(
    curves: Mapping[str, Any], labels: Mapping[str, str], broad: str = ""
) -> None:
    """Draw E / E_0 of all programs, with a label at the end of each line.

    The line of new weights covers that of the right program, whose label serves for both. Curves
    that are none of the seven are thin and dotted.
    """
    heights = {"no 1/m": 0.38, "one input": 0.212, "no transpose": 0.186}
    heights |= {"slope at a": 0.163, "right": 0.143, "slope by >=": 0.125}
    heights |= {"best constant": 0.435, "last layer alone": 0.315}
    looks = [
        *plt.rcParams["axes.prop_cycle"],
        {"color": "#8c564b", "linestyle": "-"},
    ]
    _, axes = plt.subplots(figsize=(6.4, 4.0))
    others = [name for name in curves if name not in SHUFFLED]
    thin = {"color": GRAY, "linestyle": ":", "linewidth": 1.2}
    looks += [thin] * len(others)
    for name, look in zip(SHUFFLED + others, looks, strict=True):
        curve = curves[name]
        width: dict[str, Any] = {}
        if name == broad:
            width = {"linewidth": 7, "color": "#f6d48a", "linestyle": "-"}
            width["zorder"] = 1.5  # below the others, which would be hidden
        axes.semilogy(range(0, 10 * len(curve), 10), curve, **look | width)
        if name in heights:
            end = 10 * (len(curve) - 1), curve[-1]
            line = {"arrowstyle": "-", "color": look["color"]}
            line["relpos"] = (0, 0.5)
            place = end[0] + 20, heights[name]
            axes.annotate(
                labels[name], end, place, va="center", arrowprops=line
            )
    axes.set(xlabel="step $k$", ylabel="$E / E_0$", ylim=(0.1, 1.05))
    axes.set(xlim=(-10, 500), xticks=range(0, 501, 100))
    axes.minorticks_off()
    axes.set_yticks([0.1, 0.2, 0.5, 1], ["0.1", "0.2", "0.5", "1"])
    plt.show()
