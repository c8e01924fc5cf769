"""What the tasks of several chapters need: networks, expected values and mistakes."""

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from checking import Function
from nnlib import (
    EMPTY,
    evaluate,
    identity,
    random_normal,
    relu,
    sigmoid,
    tanh,
    unpack,
)

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


def layer_by_fractions(W: Any, b: Any, g: Any, a: Any) -> tuple[Any, Any]:
    """Return z, rounded once from the exact sums, and g of each."""
    z = []
    for W_i, b_i in zip(W, b[:, 0], strict=True):
        terms = [
            Fraction(w) * Fraction(a_j) for w, a_j in zip(W_i, a, strict=True)
        ]
        z.append(float(sum(terms) + Fraction(b_i)))
    return np.array(z), np.array([PLAIN[g.name](z_i) for z_i in z])


# Chapter 3: many inputs


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


# Chapter 6: the check of a gradient


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


# Chapter 7: the backward pass

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
