"""Chapter 11's ladder: the ways to train, from the series' to the best, by what each changes.

scripts/record_digit_ladder.py tries them, and benchmarks/recipes.py times two of them.
"""

import csv
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnlib import (
    Network,
    accuracy,
    adam,
    constant_step,
    count_steps,
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
SIZE, EPOCHS = 250, 20
CHOOSING, FRESH = range(3), range(11, 16)  # the seeds that choose a rate, and the reported ones
RECORD = DATA / "digit_changes.csv"
HEADER = ("changes", "rate", "seed", "right_of_50000", "right_of_10000")

SERIES = "the series' network"
CHANGES = (
    "scaled start",
    "Adam",
    "ReLU",
    "cross-entropy",
    "decaying rate",
    "smoothed targets",
    "weight decay",
)
TOP = CHANGES[:6]
READER = TOP, 0.003  # the changes and the rate of the network in notebooks/data/digit_reader.npz
ORDERS = {
    "Adam second": TOP,
    "Adam last": ("scaled start", "ReLU", *CHANGES[3:6], "Adam"),
    "from the end": TOP[::-1],
}


def series_start(n, rng, dtype):
    return random_normal(n, rng, scale=0.2, dtype=dtype)


def constant(k: int, steps: int) -> float:
    return 1.0


def cosine(k: int, steps: int) -> float:
    return (1 + np.cos(np.pi * k / steps)) / 2


@dataclass(frozen=True)
class Rung:
    """How to train, but for the rate: the series' network with mini-batches and some changes."""

    name: str
    start: Callable
    rule: Callable
    hidden: object
    error: object
    schedule: Callable
    smoothing: float
    decay: float

    @property
    def network(self) -> Network:
        return Network(N, (self.hidden, identity), self.error)

    def targets(self, labels: np.ndarray, dtype: type) -> np.ndarray:
        Y = one_hot(labels, dtype=dtype)
        return (1 - self.smoothing) * Y + self.smoothing / 10

    def descend(
        self, f: Callable, theta: np.ndarray, rate: float, batches: Iterable, steps: int, **options
    ) -> np.ndarray:
        """Return where gradient descent on f leads from theta; it takes the options."""
        return gradient_descent(
            f,
            theta,
            lambda k: rate * self.schedule(k, steps),
            steps,
            rule=with_decay(self.rule, self.decay) if self.decay else self.rule,
            batches=batches,
            **options,
        )


def rung(changes: Collection[str]) -> Rung:
    """Return the rung with these changes, named by them in the order of CHANGES."""
    unknown = set(changes) - set(CHANGES)
    if unknown:
        raise ValueError(f"{sorted(unknown)} are no changes; expected some of {CHANGES}")
    scaled = he_normal if "ReLU" in changes else glorot_normal
    return Rung(
        name=" + ".join(change for change in CHANGES if change in changes) or SERIES,
        start=scaled if "scaled start" in changes else series_start,
        rule=adam() if "Adam" in changes else constant_step,
        hidden=relu if "ReLU" in changes else sigmoid,
        error=softmax_cross_entropy if "cross-entropy" in changes else squared_error,
        schedule=cosine if "decaying rate" in changes else constant,
        smoothing=0.1 if "smoothed targets" in changes else 0.0,
        decay=0.1 if "weight decay" in changes else 0.0,
    )


def rungs() -> list[tuple[str, ...]]:
    """Return the changes of all rungs to try, those first that matter most.

    They are the series' network and the best, each change alone and each left out of the best, and
    what the three orders pass in between.
    """
    alone = [(change,) for change in TOP]
    without = [tuple(c for c in TOP if c != change) for change in TOP]
    between = [
        tuple(c for c in TOP if c in order[:k]) for order in ORDERS.values() for k in range(2, 5)
    ]
    return list(dict.fromkeys([(), TOP, *alone, *without, *between[:6], CHANGES, *between[6:]]))


def first_rate(changes: Collection[str]) -> float:
    """Return the rate from which the search for the best begins."""
    if "Adam" in changes:
        return 0.003 if "decaying rate" in changes else 0.0015
    return 0.48 if "cross-entropy" in changes else 0.06


def search(judge: Callable[[float], int], first: float) -> dict[float, int]:
    """Double and halve the rate until the best has two worse ones on either side, and refine it.

    `judge` gives the right answers at a rate. Of equal ones the smallest rate counts as the best.
    In the end 0.7 and 1.4 times the best are tried.
    """
    powers: dict[int, int] = {}
    best = 0
    while missing := [best + j for j in (0, 1, -1, 2, -2) if best + j not in powers]:
        powers[missing[0]] = judge(first * 2.0 ** missing[0])
        best = max(sorted(powers), key=powers.__getitem__)
    tried = {first * 2.0**k: right for k, right in powers.items()}
    for factor in (0.7, 1.4):
        rate = float(f"{first * 2.0**best * factor:.4g}")
        tried[rate] = judge(rate)
    return dict(sorted(tried.items()))


def choose(count: Callable[[float, int], int], first: float) -> float:
    """Return the best rate: one seed searches, and three decide between its two best.

    `count` gives the right answers at a rate by a seed.
    """
    tried = search(lambda rate: count(rate, CHOOSING[0]), first)
    two = sorted(tried, key=tried.__getitem__, reverse=True)[:2]
    return max(sorted(two), key=lambda rate: sum(count(rate, seed) for seed in CHOOSING))


def with_decay(rule: Callable, decay: float) -> Callable:
    """Return the rule with theta <- theta - gamma decay theta added to its step."""

    def step(f, x, value, gradient, rate, state):
        x_next, state = rule(f, x, value, gradient, rate, state)
        return x_next - rate * decay * x, state

    return step


def train(rung: Rung, rate: float, seed: int, X: np.ndarray, labels: np.ndarray) -> tuple:
    """Return the network and its parameters after EPOCHS epochs."""
    network, rng = rung.network, np.random.default_rng(seed)
    theta = rung.start(N, rng, dtype=X.dtype)
    batches = minibatches(X, rung.targets(labels, X.dtype), SIZE, rng)
    steps = count_steps(EPOCHS, X.shape[1], SIZE)
    return network, rung.descend(network.value_and_gradient, theta, rate, batches, steps)


def right(network: Network, theta: np.ndarray, X: np.ndarray, labels: np.ndarray) -> int:
    return round(accuracy(network(theta, X), labels) * len(labels))


def recorded(path: Path = RECORD) -> list[tuple]:
    """Return the rows that climbing the ladder has written: name, rate, seed and right answers."""
    with path.open() as file:
        return [(r[0], float(r[1]), *map(int, r[2:])) for r in list(csv.reader(file))[1:]]


def best_rate(rows: list[tuple], name: str) -> float:
    """Return the rate that `choose` has found, as the rows tell."""
    tried: dict[float, list[int]] = {}
    for row in sorted(row for row in rows if row[0] == name and row[2] in CHOOSING):
        tried.setdefault(row[1], []).append(row[4])
    decided = [rate for rate, counts in tried.items() if len(counts) == len(CHOOSING)]
    return max(decided, key=lambda rate: sum(tried[rate]))


def fresh(rows: list[tuple], name: str) -> list[int]:
    """Return the right answers to the validation images, at that rate, by the fresh seeds."""
    rate = best_rate(rows, name)
    counts = {row[2]: row[4] for row in rows if row[:2] == (name, rate)}
    return [counts[seed] for seed in FRESH]
