"""Training to a goal with nnlib, as chapter 11 does."""

import numpy as np

from benchmarks.recipes import Clock, problem, recipe
from nnlib import minibatches
from scripts.ladder import N, right


class Training:
    def __init__(self, name: str) -> None:
        self.recipe = recipe(name)
        self.X, self.Y, self.X_test, self.labels = problem(self.recipe.rung)

    def reach(self, seed: int, goals: list[int]) -> list[tuple]:
        """Train until so many test images are read right."""
        (rung, rate, size, _), steps = self.recipe, self.recipe.steps
        network, rng = rung.network, np.random.default_rng(seed)
        theta = rung.start(N, rng, dtype=self.X.dtype)
        clock = Clock(goals)

        def count(theta):
            return right(network, theta, self.X_test, self.labels)

        def look(k, theta, value, gradient):
            if k % self.recipe.every == 0 and clock.look(k, lambda: count(theta)):
                raise StopIteration

        batches = minibatches(self.X, self.Y, size, rng)
        rung.descend(network.value_and_gradient, theta, rate, batches, steps, callback=look)
        return clock.rows
