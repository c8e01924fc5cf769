"""Record why chapter 11's changes help or harm: trainings beside the ladder.

    python -m scripts.record_digit_reasons

All but the last train on the first 50000 training images, in batches of 250, and are judged on the
other 10000. Takes about a quarter of an hour on one core, and writes three files:

notebooks/data/digit_reasons.csv    validation images read right by trainings that the ladder does
                                    not have: two rates, more epochs, cures for smoothed targets.
notebooks/data/digit_sure.csv       how sure the six changes' network is with smoothed targets and
                                    without: by the largest softmax output, the number of answers
                                    to validation images, the mean of that output, and how many are
                                    right.
notebooks/data/digit_misread.csv    the test images that five networks misread, trained as the
                                    book's are, from the same seeds. (Rounding makes them other
                                    networks than those in digit_final.csv.)

A training that has a line is not repeated.
"""

import csv
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import Network, constant_step, count_steps, load_mnist, minibatches, softmax
from scripts.ladder import EPOCHS, READER, SIZE, TOP, N, Rung, right, rung, train
from scripts.records import DATA, write

LEARN = 50000
FIRST = N[1] * (N[0] + 1)  # the parameters of the first layer
SEEDS = (11, 12)
REASONS = DATA / "digit_reasons.csv"
SURE = DATA / "digit_sure.csv"
MISREAD = DATA / "digit_misread.csv"
EDGES = (0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
images = lru_cache(lambda: load_mnist(DATA / "mnist", dtype=np.float32))


def first_layer_faster(factor: float) -> Callable:
    """Return plain descent whose first layer has so many times the rate."""

    def step(f, x, value, gradient, rate, state):
        factors = np.where(np.arange(x.size) < FIRST, factor, 1).astype(x.dtype)
        return constant_step(f, x, value, factors * gradient, rate, state)

    return step


def smaller_output_layer(start: Callable) -> Callable:
    """Return that start with 0.9 times its output layer."""

    def smaller(n, rng, dtype):
        theta = start(n, rng, dtype=dtype)
        theta[FIRST:] *= 0.9
        return theta

    return smaller


SERIES, SMOOTHED = rung(()), rung(("smoothed targets",))
WAYS: tuple[tuple[str, Rung, float, int], ...] = (
    ("two rates", replace(SERIES, rule=first_layer_faster(200)), 0.005, EPOCHS),
    ("two rates", replace(SERIES, rule=first_layer_faster(200)), 0.01, EPOCHS),
    ("", rung(("cross-entropy", "decaying rate")), 2.688, EPOCHS),
    ("", rung(("cross-entropy", "smoothed targets")), 1.344, EPOCHS),
    ("", SMOOTHED, 0.03, 25),
    (
        "smoothed targets, first layer faster",
        replace(SMOOTHED, rule=first_layer_faster(1 / 0.81)),
        0.03,
        EPOCHS,
    ),
    (
        "smoothed targets, smaller output layer",
        replace(SMOOTHED, start=smaller_output_layer(SMOOTHED.start)),
        0.03,
        EPOCHS,
    ),
    ("", rung(("decaying rate",)), 0.03, 2 * EPOCHS),
    ("", rung(("ReLU",)), 0.00525, 6 * EPOCHS),
)


def descend(way: Rung, rate: float, seed: int, epochs: int, X: np.ndarray, labels: np.ndarray):
    """Return the network and its parameters after so many epochs."""
    rng = np.random.default_rng(seed)
    theta = way.start(N, rng, dtype=X.dtype)
    batches = minibatches(X, way.targets(labels, X.dtype), SIZE, rng)
    steps = count_steps(epochs, X.shape[1], SIZE)
    f = way.network.value_and_gradient
    return way.network, way.descend(f, theta, rate, batches, steps)


def rows_of(path: Path, header: tuple[str, ...]) -> list[list[str]]:
    """Return the rows of the file, which is begun if there is none."""
    if not path.exists():
        write(path, header, [])
    with path.open() as file:
        return list(csv.reader(file))[1:]


def add(path: Path, rows: list[tuple]) -> None:
    with path.open("a", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    print(path.name, *rows[0], flush=True)


def judge_reasons() -> None:
    header = ("way", "rate", "epochs", "seed", "right_of_10000")
    known = {tuple(row[:4]) for row in rows_of(REASONS, header)}
    X, labels = images().X_train, images().labels_train
    for name, way, rate, epochs in WAYS:
        for seed in SEEDS:
            key = (name or way.name, rate, epochs, seed)
            if tuple(map(str, key)) not in known:
                ended = descend(way, rate, seed, epochs, X[:, :LEARN], labels[:LEARN])
                add(REASONS, [(*key, right(*ended, X[:, LEARN:], labels[LEARN:]))])


def sureness(network: Network, theta: np.ndarray, X: np.ndarray, labels: np.ndarray) -> list[tuple]:
    """Return the groups: from which output on, how many answers, their mean output, the right."""
    S = softmax(network(theta, X))
    sure, correct, groups = S.max(axis=0), S.argmax(axis=0) == labels, []
    for low, high in pairwise(EDGES):
        these = (low <= sure) & (sure < high)
        mean = sure[these].mean() if these.any() else low
        groups.append((low, these.sum(), f"{mean:.3f}", correct[these].sum()))
    return groups


def judge_sureness() -> None:
    known = {
        tuple(r[:2]) for r in rows_of(SURE, ("targets", "seed", "low", "answers", "S", "right"))
    }
    X, labels = images().X_train, images().labels_train
    for name, changes in (("one-hot", TOP[:5]), ("smoothed", TOP)):
        for seed in SEEDS:
            if (name, str(seed)) not in known:
                ended = train(rung(changes), READER[1], seed, X[:, :LEARN], labels[:LEARN])
                groups = sureness(*ended, X[:, LEARN:], labels[LEARN:])
                add(SURE, [(name, seed, *group) for group in groups])


def read_again() -> None:
    known, mnist = {row[0] for row in rows_of(MISREAD, ("seed", "image"))}, images()
    for seed in range(5):
        if str(seed) not in known:
            (changes, rate), Y = READER, mnist.labels_train
            network, theta = train(rung(changes), rate, seed, mnist.X_train, Y)
            wrong = network(theta, mnist.X_test).argmax(axis=0) != mnist.labels_test
            add(MISREAD, [(seed, c) for c in np.flatnonzero(wrong)])


@threadpool_limits.wrap(limits=1)
def record() -> None:
    judge_reasons()
    judge_sureness()
    read_again()


if __name__ == "__main__":
    record()
