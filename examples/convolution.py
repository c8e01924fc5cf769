"""Convolutions: one small layer, applied to every patch of an image.

The layers are those of chapters 3 and 7. New is what they get as columns: the
patches of all images.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib import he_normal, identity, relu, softmax_cross_entropy, unpack


class Layer(NamedTuple):
    """From n_in numbers at every place of an image to n_out."""

    n_in: int
    n_out: int
    side: int  # of a patch
    step: int  # from one patch to the next

    @property
    def n(self) -> tuple[int, int]:
        """Inputs and outputs, as of a fully connected layer."""
        return self.n_in * self.side**2, self.n_out

    @property
    def p(self) -> int:
        return (self.n[0] + 1) * self.n[1]


# Images of 28 x 28 pixels become 12 x 12, then 4 x 4, then a single place.
READER = (Layer(1, 16, 6, 2), Layer(16, 32, 6, 2), Layer(32, 10, 4, 1))


def patches(A: np.ndarray, layer: Layer) -> np.ndarray:
    """Return the patches of A: n_in side^2 rows, for every place and image."""
    windows = sliding_window_view(A, (layer.side, layer.side), axis=(1, 2))
    windows = windows[:, :: layer.step, :: layer.step]
    _, height, width, m, *_ = windows.shape
    return windows.transpose(0, 4, 5, 1, 2, 3).reshape(-1, height, width, m)


def add_up(dP: np.ndarray, A: np.ndarray, layer: Layer) -> np.ndarray:
    """Return dA: an element gets something from every patch that it is in."""
    dA, side, s = np.zeros_like(A), layer.side, layer.step
    height, width = ((k - side) // s + 1 for k in A.shape[1:3])
    dP = dP.reshape(layer.n_in, side, side, height, width, -1)
    for i, j in np.ndindex(side, side):
        dA[:, i : i + s * height : s, j : j + s * width : s] += dP[:, i, j]
    return dA


def parameters(layers: Sequence[Layer], theta: np.ndarray) -> list:
    """Return the pairs W^l, b^l that theta holds, with None for l = 0."""
    ends = np.cumsum([layer.p for layer in layers])[:-1]
    parts = zip(np.split(theta, ends), layers, strict=True)
    lists = [unpack(part, layer.n) for part, layer in parts]
    return [None, *((W[1], b[1]) for W, b in lists)]


def start(
    layers: Sequence[Layer], rng: np.random.Generator, dtype: type = np.float64
) -> np.ndarray:
    """Draw the first parameters: He's start, by the size of a patch."""
    return np.concatenate([he_normal(layer.n, rng, dtype) for layer in layers])


def forward(
    layers: Sequence[Layer], theta: np.ndarray, X: np.ndarray
) -> tuple[list, list, list]:
    """Return P, Z and A of every layer; P are the patches, as columns."""
    side = round(np.sqrt(len(X)))
    P, Z, A = [None], [None], [X.reshape(1, side, side, -1)]
    for l, layer in enumerate(layers, start=1):
        W, b = parameters(layers, theta)[l]
        g = relu if l < len(layers) else identity
        of_A = patches(A[l - 1], layer)
        P.append(of_A.reshape(layer.n[0], -1))
        Z.append(W @ P[l] + b)
        A.append(g(Z[l]).reshape(layer.n_out, *of_A.shape[1:]))
    return P, Z, A


def value_and_gradient(
    layers: Sequence[Layer], theta: np.ndarray, X: np.ndarray, Y: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return E, the cross-entropy, and its gradient."""
    P, Z, A = forward(layers, theta, X)
    dZ = softmax_cross_entropy.dA(Z[-1], Y)
    gradient = []
    for l in range(len(layers), 0, -1):
        W, _ = parameters(layers, theta)[l]
        dW, db = dZ @ P[l].T, dZ.sum(axis=1)
        gradient = [dW.ravel(), db, *gradient]
        if l > 1:
            dP = W.T @ dZ
            dA = add_up(dP, A[l - 1], layers[l - 1])
            dZ = dA.reshape(Z[l - 1].shape) * (Z[l - 1] > 0)
    return softmax_cross_entropy.E(Z[-1], Y), np.concatenate(gradient)
