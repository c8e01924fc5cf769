"""Chapter 11's ladder: the ways to train, from the series' to the best, each with one change.

scripts/record_digit_ladder.py tries them all, and benchmarks/recipes.py times two of them.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import mean

import numpy as np

from nnlib import (
    Network,
    accuracy,
    adam,
    constant_step,
    glorot_normal,
    gradient_descent,
    he_normal,
    identity,
    minibatches,
    one_hot,
    random_normal,
    relu,
    sigmoid,
    softmax_cross_entropy,
    squared_error,
)
from scripts.records import DATA

N = (784, 300, 10)
SIZE, EPOCHS, SEEDS = 250, 20, range(5)


def series_start(n, rng, dtype):
    return random_normal(n, rng, scale=0.2, dtype=dtype)


def constant(k: int, steps: int) -> float:
    return 1.0


def cosine(k: int, steps: int) -> float:
    return (1 + np.cos(np.pi * k / steps)) / 2


@dataclass(frozen=True)
class Rung:
    """How to train: a rung of the ladder."""

    name: str
    rates: tuple[float, ...]
    start: Callable = series_start
    rule: Callable = constant_step
    hidden: object = sigmoid
    error: object = squared_error
    schedule: Callable = constant
    smoothing: float = 0.0
    decay: float = 0.0


def ladder() -> list[Rung]:
    """Return the rungs, each the one before with one change (and rates to choose from)."""
    plain, adams = (0.01, 0.03, 0.1), (0.0003, 0.001, 0.003, 0.01)
    rungs = [Rung("the series' network, mini-batches", plain)]
    changes = [
        {"name": "Glorot's start", "start": glorot_normal},
        {"name": "Adam", "rule": adam(), "rates": adams},
        {"name": "ReLU", "hidden": relu},
        {"name": "He's start", "start": he_normal},
        {"name": "cross-entropy", "error": softmax_cross_entropy},
        {"name": "decaying rate", "schedule": cosine},
        {"name": "smoothed targets", "smoothing": 0.1},
        {"name": "weight decay", "decay": 0.1},
    ]
    for change in changes:
        rungs.append(replace(rungs[-1], **change))
    return rungs


def with_decay(rule: Callable, decay: float) -> Callable:
    """Return the rule with theta <- theta - gamma decay theta added to its step."""

    def step(f, x, value, gradient, rate, state):
        x_next, state = rule(f, x, value, gradient, rate, state)
        return x_next - rate * decay * x, state

    return step


def train(rung: Rung, rate: float, seed: int, X: np.ndarray, labels: np.ndarray) -> tuple:
    """Return the network and its parameters after EPOCHS epochs."""
    network, rng = Network(N, (rung.hidden, identity), rung.error), np.random.default_rng(seed)
    theta = rung.start(N, rng, dtype=X.dtype)
    Y = one_hot(labels, dtype=X.dtype)
    Y = (1 - rung.smoothing) * Y + rung.smoothing / 10
    steps = EPOCHS * X.shape[1] // SIZE
    theta = gradient_descent(
        network.value_and_gradient,
        theta,
        lambda k: rate * rung.schedule(k, steps),
        steps,
        rule=with_decay(rung.rule, rung.decay),
        batches=minibatches(X, Y, SIZE, rng),
    )
    return network, theta


def right(network: Network, theta: np.ndarray, X: np.ndarray, labels: np.ndarray) -> int:
    return round(accuracy(network(theta, X), labels) * len(labels))


def best_rate(rows: list[tuple], name: str) -> float:
    """Return the rate with the most right answers to the validation images at seed 0."""
    return max((row for row in rows if row[0] == name and row[2] == 0), key=lambda row: row[4])[1]


def best_rung(rows: list[tuple]) -> tuple[Rung, float]:
    """Return the rung with the most right answers, by the mean over its seeds, and its rate."""
    means = {}
    for rung in ladder():
        rate = best_rate(rows, rung.name)
        counts = [row[4] for row in rows if row[:2] == (rung.name, rate)]
        if len(counts) != len(SEEDS):
            raise ValueError(f"{rung.name} has {len(counts)} seeds; expected {len(SEEDS)}")
        means[rung, rate] = mean(counts)
    return max(means, key=means.get)


def recorded() -> list[tuple]:
    """Return the rows that climbing the ladder has written."""
    with (DATA / "digit_ladder.csv").open() as file:
        return [(r[0], float(r[1]), *map(int, r[2:])) for r in list(csv.reader(file))[1:]]
