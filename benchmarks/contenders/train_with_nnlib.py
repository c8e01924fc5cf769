"""Training to a goal with nnlib, as chapter 11 does."""

import numpy as np

from benchmarks.recipes import Clock, problem, recipe
from nnlib import Network, gradient_descent, identity, minibatches
from scripts.ladder import N, right, with_decay


class Training:
    def __init__(self, name: str) -> None:
        self.recipe = recipe(name)
        self.X, self.Y, self.X_test, self.labels = problem(self.recipe.rung)

    def reach(self, seed: int, goals: list[int]) -> list[tuple]:
        """Train until so many test images are read right."""
        (rung, rate, size, _), steps = self.recipe, self.recipe.steps
        network, rng = Network(N, (rung.hidden, identity), rung.error), np.random.default_rng(seed)
        theta = rung.start(N, rng, dtype=self.X.dtype)
        clock = Clock(goals)

        def count(theta):
            return right(network, theta, self.X_test, self.labels)

        def look(k, theta, value, gradient):
            if k % self.recipe.every == 0 and clock.look(k, lambda: count(theta)):
                raise StopIteration

        gradient_descent(
            network.value_and_gradient,
            theta,
            lambda k: rate * rung.schedule(k, steps),
            steps,
            rule=with_decay(rung.rule, rung.decay) if rung.decay else rung.rule,
            batches=minibatches(self.X, self.Y, size, rng),
            callback=look,
        )
        return clock.rows
