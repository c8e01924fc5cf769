"""The network in JAX: functions of arrays, as in the book, and grad."""

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

ACTIVATIONS = {
    "identity": lambda Z: Z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "softplus": jax.nn.softplus,
    "gelu": jax.nn.gelu,  # in its form with tanh by default
}


def evaluate(layers, g, X):
    """Return A^L; JAX itself has no layers, so this can be the book's way."""
    A = X
    for (W, b), name in zip(layers, g[1:], strict=True):
        A = ACTIVATIONS[name](W @ A + b)
    return A


def squared_error(A, Y):
    return jnp.sum((A - Y) ** 2) / (2 * A.shape[1])


def softmax_cross_entropy(A, Y):
    return -jnp.sum(Y * jax.nn.log_softmax(A, axis=0)) / A.shape[1]


ERRORS = {
    "squared_error": squared_error,
    "softmax_cross_entropy": softmax_cross_entropy,
}


@jax.enable_x64(True)  # or all arrays would be float32
def run(W, b, g, error, X, Y, rate, steps):
    """Return the outputs, E, its gradient, and theta after steps of descent."""
    X, Y = jnp.asarray(X), jnp.asarray(Y)
    layers = [(jnp.asarray(W[l]), jnp.asarray(b[l])) for l in range(1, len(W))]

    def E(layers):
        return ERRORS[error](evaluate(layers, g, X), Y)

    value_and_gradient = jax.jit(jax.value_and_grad(E))

    def descend(x, dx):
        return x - rate * dx

    A = evaluate(layers, g, X)
    value, gradient = value_and_gradient(layers)
    for _ in range(steps):
        layers = jax.tree.map(descend, layers, value_and_gradient(layers)[1])
    theta, gradient = ravel_pytree(layers)[0], ravel_pytree(gradient)[0]
    return np.asarray(A), float(value), np.asarray(gradient), np.asarray(theta)
