"""An epoch with JAX: one compiled function that scans over the batches and steps in place."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from nnlib import EMPTY, pack, unpack


def error(parameters: list, X: jax.Array, Y: jax.Array) -> jax.Array:
    A = X
    for W, b in parameters[:-1]:
        A = jax.nn.sigmoid(A @ W + b)
    W, b = parameters[-1]
    return jnp.sum((A @ W + b - Y) ** 2) / (2 * len(X))


@partial(jax.jit, donate_argnums=0)
def step(parameters: list, X: jax.Array, Y: jax.Array, rate: float) -> list:
    gradient = jax.grad(error)(parameters, X, Y)
    return jax.tree.map(lambda x, dx: x - rate * dx, parameters, gradient)


@partial(jax.jit, donate_argnums=0)
def descend(parameters: list, X: jax.Array, Y: jax.Array, batches: jax.Array, rate: float) -> list:
    """Take a step on each batch, a row of numbers of columns."""

    def step_on(parameters, batch):
        return step(parameters, X[batch], Y[batch], rate), None

    return jax.lax.scan(step_on, parameters, batches)[0]


class Contender:
    def __init__(self, n: tuple[int, ...], X: np.ndarray, Y: np.ndarray, rate: float) -> None:
        self.n, self.rate = n, rate
        self.X, self.Y = jnp.asarray(X.T), jnp.asarray(Y.T)

    def start(self, theta: np.ndarray) -> None:
        W, b = unpack(theta, self.n)
        self.at = [(jnp.array(W[l].T), jnp.array(b[l][:, 0])) for l in range(1, len(W))]

    def epoch(self, size: int, rng: np.random.RandomState) -> None:
        order = rng.permutation(len(self.X)).astype(np.int32)
        whole = len(order) // size * size
        if size == len(order):
            self.at = step(self.at, self.X, self.Y, self.rate)
        else:
            self.at = self.descend(order[:whole].reshape(-1, size))
        if whole < len(order):
            self.at = self.descend(order[whole:].reshape(1, -1))
        jax.block_until_ready(self.at)

    def descend(self, batches: np.ndarray) -> list:
        return descend(self.at, self.X, self.Y, batches, self.rate)

    def parameters(self) -> np.ndarray:
        W = [np.asarray(W).T for W, _ in self.at]
        b = [np.asarray(b).reshape(-1, 1) for _, b in self.at]
        return pack([EMPTY, *W], [EMPTY, *b])
