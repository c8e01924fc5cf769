"""An epoch with nnlib, as the book trains."""

from math import ceil

import numpy as np

from nnlib import Network, gradient_descent, identity, minibatches, sigmoid


class Contender:
    def __init__(self, n: tuple[int, ...], X: np.ndarray, Y: np.ndarray, rate: float) -> None:
        self.network = Network(n, (*[sigmoid] * (len(n) - 2), identity))
        self.X, self.Y, self.rate = X, Y, rate

    def start(self, theta: np.ndarray) -> None:
        self.theta = theta

    def epoch(self, size: int, rng: np.random.RandomState) -> None:
        self.theta = gradient_descent(
            self.network.value_and_gradient,
            self.theta,
            self.rate,
            steps=ceil(self.X.shape[1] / size),
            batches=minibatches(self.X, self.Y, size, rng),
        )

    def parameters(self) -> np.ndarray:
        return self.theta
