"""The patients of chapter 9: a healthy program that learns the sine, and six sick ones.

All train the network n = (1, 20, 1) with tanh and the identity on the 100 points of the sine, from
the same start. Each of the six is broken in one place; the chapter names the illnesses of five,
and you find the sixth. If you would rather find out alone, do not read on.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import (
    Network,
    backward,
    forward,
    gradient_descent,
    identity,
    random_normal,
    sigmoid,
    squared_error,
    tanh,
)

n = (1, 20, 1)
X = np.arange(-50, 50).reshape(1, -1) / 10
Y = np.sin(X)
FIVE = [0, 25, 50, 75, 99]
"""Columns of a batch that is small enough to be learned by heart."""

ILLNESSES = {
    "A": "inputs in another unit",
    "B": "a sigmoid at the output",
    "C": "no 1/m",
    "D": "targets in a different order from the inputs",
    "E": "a bias gradient with the wrong sign",
}
NAMES = ["healthy", *ILLNESSES]
SLIP = 36
"""The column in which F's target has its decimal point one place too far to the right."""

Objective = Callable[[Any], tuple[float, Any]]


def data(name: str) -> tuple[Any, Any]:
    """Return the inputs and targets that a program is given."""
    if name == "A":
        return 1000 * X, Y
    if name == "D":
        return X, Y[:, np.random.default_rng(0).permutation(100)]
    if name == "F":
        return X, np.where(np.arange(100) == SLIP, 10 * Y, Y)
    return X, Y


class SumForMean(Network):
    """A network that takes m E for E, so that its gradient is m times too long, too."""

    def value_and_gradient(
        self, theta: Any, X: Any, Y: Any, *blocks: Any, **more: Any
    ) -> tuple[float, Any]:
        """Return m E and its gradient."""
        E, gradient = super().value_and_gradient(theta, X, Y, *blocks, **more)
        return X.shape[1] * E, X.shape[1] * gradient


class WrongSign(Network):
    """A network whose derivatives with respect to b^1 have the wrong sign."""

    def value_and_gradient(
        self, theta: Any, X: Any, Y: Any, *blocks: Any, **more: Any
    ) -> tuple[float, Any]:
        """Return E and what it takes for its gradient."""
        E, gradient = super().value_and_gradient(theta, X, Y, *blocks, **more)
        db = self.unpack(gradient)[1]
        db[1] *= -1  # a view into the gradient
        return E, gradient


def network(name: str) -> Network:
    """Return a program's network, with its mistake if the mistake is in there."""
    kind = {"C": SumForMean, "E": WrongSign}.get(name, Network)
    return kind(n, (tanh, sigmoid if name == "B" else identity))


def objective(name: str, columns: Any = slice(None)) -> Objective:
    """Return what a program takes for E and its gradient, on some columns of its data."""
    inputs, targets = (part[:, columns] for part in data(name))
    return network(name).objective(inputs, targets)


def start(seed: int = 0) -> Any:
    """Return the parameters from which all programs start."""
    return random_normal(n, np.random.RandomState(seed), scale=0.2)


def learn(
    name: str,
    steps: int,
    columns: Any = slice(None),
    rate: float = 0.1,
    seed: int = 0,
) -> float:
    """Return E of a program after some steps, or infinity if they end in an overflow."""
    f = objective(name, columns)
    try:
        with np.errstate(all="ignore"):
            return f(gradient_descent(f, start(seed), rate, steps))[0]
    except FloatingPointError:
        return np.inf


def sizes(
    program: Network, theta: Any, inputs: Any, targets: Any
) -> tuple[list[Any], list[Any]]:
    """Return the roots of the mean squares of all Z^l and of all dZ^l, from layer 1 on.

    With a single column, dZ^l is the same as db^l, which the backward pass returns.
    """
    W, b = program.unpack(theta)
    Z, A = forward(W, b, program.g, inputs)
    dA = squared_error.dA(A[-1], targets)
    blame = []
    for c in range(inputs.shape[1]):
        Z_c = [None, *(part[:, [c]] for part in Z[1:])]
        A_c = [part[:, [c]] for part in A]
        blame.append(backward(W, program.g, Z_c, A_c, dA[:, [c]])[1][1:])
    dZ = [np.hstack(layer) for layer in zip(*blame, strict=True)]
    Z_sizes, dZ_sizes = (
        [np.sqrt(np.mean(part**2)) for part in parts] for parts in (Z[1:], dZ)
    )
    return Z_sizes, dZ_sizes
