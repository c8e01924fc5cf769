"""The patients of chapter 9: a healthy program that learns the sine, and six sick ones.

All train the network n = (1, 20, 1) with tanh and the identity on the 100 points of the sine, from
the same start. Each of the six is broken in one place; the chapter names the illnesses of five,
and you find the sixth. If you would rather find out alone, do not read on.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import (
    Activation,
    backward,
    check_gradient,
    forward,
    gradient_descent,
    identity,
    pack,
    random_normal,
    sigmoid,
    squared_error,
    tanh,
    unpack,
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
    "D": "targets in another order than the inputs",
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


def activations(name: str) -> list[Activation]:
    """Return the activation functions of a program's network, with a placeholder."""
    return [identity, tanh, sigmoid if name == "B" else identity]


def passes(
    name: str, theta: Any, columns: Any = slice(None)
) -> tuple[float, Any, Any, Any]:
    """Return E, its gradient, Z^1 and dZ^1, as the program computes them."""
    inputs, targets = (part[:, columns] for part in data(name))
    g, m = activations(name), inputs.shape[1]
    W, b = unpack(theta, n)
    Z, A = forward(W, b, g, inputs)
    E, dA = squared_error(A[2], targets), squared_error.dA(A[2], targets)
    if name == "C":
        E, dA = m * E, m * dA
    dW, db = backward(W, g, Z, A, dA)
    dZ = (W[2].T @ (dA * g[2].dg(Z[2], A[2]))) * tanh.dg(Z[1], A[1])
    if name == "E":
        db[1] = -db[1]
    return E, pack(dW, db), Z[1], dZ


def objective(name: str, columns: Any = slice(None)) -> Objective:
    """Return what a program takes for E and its gradient, on some columns of its data."""
    return lambda theta: passes(name, theta, columns)[:2]


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


def examine(name: str, seed: int = 0) -> dict[str, float]:
    """Return the results of the four examinations of the chapter."""
    E, _, Z, dZ = passes(name, start(seed))
    return {
        "E at start": E,
        "Z^1": float(np.sqrt(np.mean(Z**2))),
        "dZ^1": float(np.sqrt(np.mean(dZ**2))),
        "check": check_gradient(objective(name), start(seed), tolerance=1),
        "five": learn(name, 2000, FIVE, seed=seed),
    }
