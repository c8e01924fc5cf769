"""An epoch with TensorFlow: one compiled function with the loop over the batches in it."""

import numpy as np
import tensorflow as tf

from nnlib import EMPTY, count_parameters, pack, unpack


class Contender:
    def __init__(self, n: tuple[int, ...], X: np.ndarray, Y: np.ndarray, rate: float) -> None:
        self.n, self.X, self.Y = n, tf.constant(X.T), tf.constant(Y.T)
        self.rate = tf.constant(rate, X.dtype)
        W, b = unpack(np.zeros(count_parameters(n), X.dtype), n)
        self.W = [tf.Variable(W_l.T) for W_l in W[1:]]
        self.b = [tf.Variable(b_l[:, 0]) for b_l in b[1:]]

    def start(self, theta: np.ndarray) -> None:
        W, b = unpack(theta, self.n)
        for l in range(1, len(W)):
            self.W[l - 1].assign(W[l].T)
            self.b[l - 1].assign(b[l][:, 0])

    def error(self, X: tf.Tensor, Y: tf.Tensor) -> tf.Tensor:
        A = X
        for W, b in zip(self.W[:-1], self.b[:-1], strict=True):
            A = tf.sigmoid(A @ W + b)
        distance = tf.reduce_sum((A @ self.W[-1] + self.b[-1] - Y) ** 2)
        return distance / (2 * tf.cast(tf.shape(X)[0], distance.dtype))

    @tf.function(jit_compile=True)
    def descend(self, batches: tf.Tensor) -> None:
        """Take a step on each batch, a row of numbers of columns."""
        for batch in batches:
            self.step(tf.gather(self.X, batch), tf.gather(self.Y, batch))

    @tf.function(jit_compile=True)
    def step(self, X: tf.Tensor, Y: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            error = self.error(X, Y)
        parameters = self.W + self.b
        for x, dx in zip(parameters, tape.gradient(error, parameters), strict=True):
            x.assign_sub(self.rate * dx)

    def epoch(self, size: int, rng: np.random.RandomState) -> None:
        order = rng.permutation(len(self.X)).astype(np.int32)
        whole = len(order) // size * size
        if size == len(order):
            self.step(self.X, self.Y)
        else:
            self.descend(tf.constant(order[:whole].reshape(-1, size)))
        if whole < len(order):
            self.descend(tf.constant(order[whole:].reshape(1, -1)))
        self.W[-1].numpy()

    def parameters(self) -> np.ndarray:
        W, b = [W.numpy().T for W in self.W], [b.numpy().reshape(-1, 1) for b in self.b]
        return pack([EMPTY, *W], [EMPTY, *b])
