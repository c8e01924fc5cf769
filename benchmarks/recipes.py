"""Two ways to train that chapter 11 tells of, for whoever follows them."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib import load_mnist, one_hot
from scripts.ladder import EPOCHS, READER, SIZE, Rung, rung
from scripts.records import DATA

TRAINING, LOOKS = 60000, 12  # images, and how often an epoch the test images are read


class Recipe(NamedTuple):
    """A rung of chapter 11's ladder, and how long to train."""

    rung: Rung
    rate: float
    size: int
    epochs: int

    @property
    def steps(self) -> int:
        return self.epochs * TRAINING // self.size

    @property
    def every(self) -> int:
        """After so many steps the test images are read, with the clock stopped."""
        return TRAINING // self.size // LOOKS


def recipe(name: str) -> Recipe:
    """Return "the series' network", with mini-batches, or "all six changes", chapter 11's."""
    if name == "the series' network":
        return Recipe(rung(()), rate=0.03, size=10, epochs=20)
    changes, rate = READER
    return Recipe(rung(changes), rate, SIZE, EPOCHS)


def problem(rung: Rung) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return training images, their targets, test images and their labels."""
    mnist = load_mnist(DATA / "mnist", dtype=np.float32)
    Y = one_hot(mnist.labels_train, dtype=np.float32)
    Y = (1 - rung.smoothing) * Y + rung.smoothing / 10
    return mnist.X_train, np.asfortranarray(Y), mnist.X_test, mnist.labels_test


class Clock:
    """The seconds and steps until so many test images are read right."""

    def __init__(self, goals: list[int]) -> None:
        self.goals, self.rows = list(goals), []
        self.seconds, self.since = 0.0, time.perf_counter()

    def look(self, step: int, right: Callable[[], int]) -> bool:
        """Count right answers with the clock stopped; say whether all goals are reached."""
        self.seconds += time.perf_counter() - self.since
        count = right()
        while self.goals and count >= self.goals[0]:
            self.rows.append((self.goals.pop(0), step, f"{self.seconds:.2f}", count))
        self.since = time.perf_counter()
        return not self.goals
