"""An epoch with nnlib, as the book trains."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np
from threadpoolctl import ThreadpoolController

from benchmarks.workers import THREADS
from nnlib import Network, gradient_descent, identity, minibatches, sigmoid


class Contender:
    def __init__(self, n: tuple[int, ...], X: np.ndarray, Y: np.ndarray, rate: float) -> None:
        self.network = Network(n, (*[sigmoid] * (len(n) - 2), identity))
        self.X, self.Y, self.rate = X, Y, rate
        self.pool, self.blas = ThreadPoolExecutor(THREADS), ThreadpoolController()

    def start(self, theta: np.ndarray) -> None:
        self.theta = theta

    def epoch(self, size: int, rng: np.random.RandomState) -> None:
        if size == self.X.shape[1]:
            self.step()
        else:
            self.descend(minibatches(self.X, self.Y, size, rng), ceil(self.X.shape[1] / size))

    def descend(self, batches: Iterator, steps: int) -> None:
        f = self.network.value_and_gradient
        self.theta = gradient_descent(f, self.theta, self.rate, steps, batches=batches)

    def step(self) -> None:
        """Take one step with all columns, whose blocks threads share; BLAS then has one each."""
        with self.blas.limit(limits=1):
            E = self.network.objective(self.X, self.Y, map_blocks=self.pool.map)
            self.theta = gradient_descent(E, self.theta, self.rate, steps=1)

    def parameters(self) -> np.ndarray:
        return self.theta
