"""Record chapter 11's ladder: what each change to the series' network brings on MNIST.

    python scripts/record_digit_ladder.py           # the ladder
    python scripts/record_digit_ladder.py --final   # its best rung, on all training images

The ladder trains on the first 50000 training images and is judged on the other 10000, never on the
test images. A rung differs from the one before in one thing; its rate is the best of a few, by the
validation images, with one seed, and then it is trained from five seeds. Takes about half an hour
on two cores, each of which works on a training of its own, and writes
notebooks/data/digit_ladder.csv.

The rung with the most right answers to the validation images is then trained on all 60000 images
from five seeds, and its answers to the test images are counted, once. That takes about two minutes
and writes notebooks/data/digit_final.csv, with the seconds of each training on two cores, and the
parameters of the first seed, notebooks/data/digit_reader.npz.
"""

import argparse
import csv
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from statistics import mean

# Read when NumPy is imported: one thread for each of two trainings, or two for a single one.
os.environ["OPENBLAS_NUM_THREADS"] = "2" if "--final" in sys.argv else "1"

import numpy as np
from records import DATA, write

from nnlib import (
    Network,
    accuracy,
    adam,
    constant_step,
    glorot_normal,
    gradient_descent,
    he_normal,
    identity,
    load_mnist,
    minibatches,
    one_hot,
    random_normal,
    relu,
    sigmoid,
    softmax_cross_entropy,
    squared_error,
)

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


def judged(index: int, rate: float, seed: int) -> tuple:
    """Return a row of the table: a training on 50000 images, judged on 10000 others."""
    mnist, rung = load_mnist(DATA / "mnist", dtype=np.float32), ladder()[index]
    X, labels = mnist.X_train, mnist.labels_train
    network, theta = train(rung, rate, seed, X[:, :50000], labels[:50000])
    learned = right(network, theta, X[:, :50000], labels[:50000])
    validated = right(network, theta, X[:, 50000:], labels[50000:])
    row = (rung.name, rate, seed, learned, validated)
    print(*row, flush=True)
    return row


def climb() -> None:
    with ProcessPoolExecutor(2) as pool:
        tried = [(k, rate) for k, rung in enumerate(ladder()) for rate in rung.rates]
        rows = list(pool.map(judged, *zip(*((*pair, 0) for pair in tried), strict=True)))
        jobs = [
            (k, best_rate(rows, rung.name), seed)
            for k, rung in enumerate(ladder())
            for seed in SEEDS[1:]
        ]
        rows += pool.map(judged, *zip(*jobs, strict=True))
    write(
        DATA / "digit_ladder.csv",
        ("rung", "rate", "seed", "right_of_50000", "right_of_10000"),
        rows,
    )


def best_rate(rows: list[tuple], name: str) -> float:
    """Return the rate with the most right answers to the validation images at seed 0."""
    return max((row for row in rows if row[0] == name and row[2] == 0), key=lambda row: row[4])[1]


def best_rung(rows: list[tuple]) -> tuple[Rung, float]:
    """Return the rung with the most right answers, by the mean over its seeds, and its rate."""
    means = {}
    for rung in ladder():
        rate = best_rate(rows, rung.name)
        right = [row[4] for row in rows if row[:2] == (rung.name, rate)]
        if len(right) != len(SEEDS):
            raise ValueError(f"{rung.name} has {len(right)} seeds; expected {len(SEEDS)}")
        means[rung, rate] = mean(right)
    return max(means, key=means.get)


def recorded() -> list[tuple]:
    """Return the rows that climbing the ladder has written."""
    with (DATA / "digit_ladder.csv").open() as file:
        return [(r[0], float(r[1]), *map(int, r[2:])) for r in list(csv.reader(file))[1:]]


def finish() -> None:
    rung, rate = best_rung(recorded())
    mnist, rows, thetas = load_mnist(DATA / "mnist", dtype=np.float32), [], []
    for seed in SEEDS:
        begin = time.perf_counter()
        network, theta = train(rung, rate, seed, mnist.X_train, mnist.labels_train)
        seconds = time.perf_counter() - begin
        learned = right(network, theta, mnist.X_train, mnist.labels_train)
        tested = right(network, theta, mnist.X_test, mnist.labels_test)
        rows.append((seed, rate, f"{seconds:.1f}", learned, tested))
        print(*rows[-1], flush=True)
        thetas.append(theta)
    network.save(DATA / "digit_reader.npz", thetas[0])
    write(
        DATA / "digit_final.csv",
        ("seed", "rate", "seconds", "right_of_60000", "right_of_10000"),
        rows,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--final", action="store_true", help="train the best rung on all images")
    finish() if parser.parse_args().final else climb()
