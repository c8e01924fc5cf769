"""Automatic differentiation in reverse: matrices that know how they came about.

Every operation returns a Tensor that remembers the tensors it was computed
from, and for each of them a function: what its derivative gets from ours.
"""

from collections.abc import Callable, Sequence

import numpy as np


class Tensor:
    """A matrix U, and after `backward(E)` the matrix d of all dE/dU_rs."""

    def __init__(self, value: object, parents: Sequence = ()) -> None:
        self.value = np.atleast_2d(value)
        self.parents = parents  # pairs: a tensor, and what it gets from our d
        self.d = np.zeros_like(self.value)

    def __matmul__(self, other: "Tensor") -> "Tensor":
        U, V = self.value, other.value
        parents = (self, lambda d: d @ V.T), (other, lambda d: U.T @ d)
        return Tensor(U @ V, parents)

    def __add__(self, other: "Tensor") -> "Tensor":
        U, V = self.value, other.value
        parents = (self, lambda d: fold(d, U)), (other, lambda d: fold(d, V))
        return Tensor(U + V, parents)

    def __mul__(self, other: "Tensor") -> "Tensor":
        """Multiply element by element."""
        U, V = self.value, other.value
        to_U, to_V = lambda d: fold(d * V, U), lambda d: fold(d * U, V)
        return Tensor(U * V, [(self, to_U), (other, to_V)])

    @property
    def T(self) -> "Tensor":
        return Tensor(self.value.T, [(self, lambda d: d.T)])

    def sum(self, axis: int | None = None) -> "Tensor":
        U = self.value
        total = U.sum(axis=axis, keepdims=True)
        return Tensor(total, [(self, lambda d: np.broadcast_to(d, U.shape))])

    def apply(self, g: Callable, dg: Callable) -> "Tensor":
        """Apply g, whose derivative is dg(U, g(U)), to every element."""
        U, A = self.value, g(self.value)
        return Tensor(A, [(self, lambda d: d * dg(U, A))])


def fold(d: np.ndarray, U: np.ndarray) -> np.ndarray:
    """Add up d along the axes along which U was broadcast."""
    axes = tuple(k for k in (0, 1) if U.shape[k] < d.shape[k])
    return d.sum(axis=axes, keepdims=True)


def backward(E: Tensor) -> None:
    """Find dE/dU for every U that E was computed from, by the chain rule."""
    order: list[Tensor] = []  # parents before what was computed from them

    def visit(U: Tensor) -> None:
        if U not in seen:
            seen.add(U)
            for parent, _ in U.parents:
                visit(parent)
            order.append(U)

    seen: set[Tensor] = set()
    visit(E)
    for U in order:
        U.d = np.zeros_like(U.value)
    E.d = np.ones_like(E.value)
    for U in reversed(order):
        for parent, share in U.parents:
            parent.d = parent.d + share(U.d)
