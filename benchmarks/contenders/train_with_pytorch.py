"""Training to a goal with PyTorch, by the same recipes."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from benchmarks.contenders.with_pytorch import build, put, squared_error
from benchmarks.recipes import Clock, problem, recipe
from nnlib import constant_step
from scripts.ladder import N

ERRORS = {"squared_error": squared_error, "softmax_cross_entropy": cross_entropy}


class Training:
    def __init__(self, name: str) -> None:
        self.recipe = recipe(name)
        X, Y, X_test, labels = problem(self.recipe.rung)
        self.X, self.Y, self.X_test, self.labels = map(
            torch.from_numpy, (X.T, Y.T, X_test.T, labels)
        )

    def reach(self, seed: int, goals: list[int]) -> list[tuple]:
        """Train until so many test images are read right."""
        (rung, rate, size, _), steps = self.recipe, self.recipe.steps
        model, layers = build(N, rung.hidden.name)
        rng = np.random.default_rng(seed)
        put(rung.start(N, rng, dtype=np.float32), N, layers)
        if rung.rule is constant_step:
            descent = torch.optim.SGD(model.parameters(), lr=rate, fused=True)
        else:
            settings = {"lr": rate, "weight_decay": rung.decay, "fused": True}
            descent = torch.optim.AdamW(model.parameters(), **settings)
        error, order, clock = ERRORS[rung.error.name], [], Clock(goals)
        for k in range(steps):
            if k % self.recipe.every == 0 and clock.look(k, lambda: self.right(model)):
                break
            if not order:
                order = list(torch.from_numpy(rng.permutation(len(self.X))).split(size))[::-1]
            batch = order.pop()
            descent.param_groups[0]["lr"] = rate * rung.schedule(k, steps)
            descent.zero_grad()
            X, Y = self.X.index_select(0, batch), self.Y.index_select(0, batch)
            error(model(X), Y).backward()
            descent.step()
        return clock.rows

    def right(self, model: torch.nn.Sequential) -> int:
        with torch.no_grad():
            return int((model(self.X_test).argmax(1) == self.labels).sum())
