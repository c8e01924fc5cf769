"""Two ways to learn the same images less by heart: shifts, and dropout."""

from collections.abc import Callable, Iterator

import numpy as np

from nnlib import EMPTY, Network, forward, pack

Batches = Iterator[tuple[np.ndarray, np.ndarray]]


def shifted(batches: Batches, rng: np.random.Generator) -> Batches:
    """Yield the batches, each image moved by up to a pixel in each direction.

    Images have 28 x 28 pixels; what moves out is lost, what comes in is 0.
    """
    for X, Y in batches:
        padded = np.pad(X.reshape(28, 28, -1), ((1, 1), (1, 1), (0, 0)))
        moved, way = np.empty_like(X), rng.integers(9, size=X.shape[1])
        for k in range(9):
            i, j = divmod(k, 3)
            images = padded[i : i + 28, j : j + 28, way == k]
            moved[:, way == k] = images.reshape(784, -1)
        yield moved, Y


def with_dropout(
    network: Network, q: float, rng: np.random.Generator
) -> Callable:
    """Return (theta, X, Y) -> (E, gradient) that leaves out hidden units.

    Each unit of the one hidden layer is silent for an image with probability
    q, and all others are louder for it, so that the mean stays what it is.
    """

    def objective(theta: np.ndarray, X: np.ndarray, Y: np.ndarray) -> tuple:
        W, b = network.unpack(theta)
        Z, A = forward(W[:2], b[:2], network.g[:2], X)
        kept = rng.random(A[1].shape, dtype=X.dtype) >= q
        M = kept / X.dtype.type(1 - q)
        D = A[1] * M
        outputs = W[2] @ D + b[2]
        dZ2 = network.error.dA(outputs, Y)
        dZ1 = (W[2].T @ dZ2) * M * network.g[1].dg(Z[1], A[1])
        dW = [EMPTY, dZ1 @ X.T, dZ2 @ D.T]
        db = [EMPTY, dZ1.sum(axis=1)[:, None], dZ2.sum(axis=1)[:, None]]
        return network.error.E(outputs, Y), pack(dW, db)

    return objective
