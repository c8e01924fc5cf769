"""Record chapter 11's rivals: reading digits by other means, and moving images by a pixel.

    python -m scripts.record_digit_rivals

All learn from the first 5000 or 50000 training images and are judged on the last 10000, never on
the test images. Takes about ten minutes on one core, and writes
notebooks/data/digit_rivals.csv:

nearest mean    the digit of the nearest of ten mean images.
neighbors k     the most frequent digit among the k nearest images; the nearest of them decides
                between digits that are equally frequent.
network         784-300-10 with ReLU, He's start, cross-entropy, smoothed targets, and Adam with a
                rate that decays along a cosine, which is the best recipe of the ladder.
network, moved  the same, with the images of each batch moved by -1, 0 or 1 pixels to the right
                and as many down, at random.

A batch of the networks is a 200th of the images, and they train for 20 epochs. Seed 0 tries three
rates; the best, by the validation images, is then used with the seeds 11 to 15. What is in the file
already is not computed again.
"""

import csv
from collections.abc import Iterator
from functools import cache

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import (
    Network,
    load_mnist,
    minibatches,
)
from scripts.ladder import TOP, N, rung
from scripts.records import DATA, write

IMAGES = (5000, 50000)
EPOCHS = 20
RATES = (0.0015, 0.003, 0.006)
SEEDS = range(11, 16)
NEIGHBORS = (1, 3, 5, 7)


def nearest_mean(X: np.ndarray, labels: np.ndarray, X_new: np.ndarray) -> np.ndarray:
    """Return the digit of the nearest of ten means for each column of X_new."""
    means = np.stack([X[:, labels == d].mean(axis=1) for d in range(10)])
    products = means @ X_new - (means**2).sum(axis=1, keepdims=True) / 2
    return products.argmax(axis=0)


def neighbors(
    X: np.ndarray, labels: np.ndarray, X_new: np.ndarray, most: int
) -> Iterator[np.ndarray]:
    """Yield the digits of the nearest columns of X, from near to far, for blocks of X_new."""
    X, X_new = np.rint(255 * X), np.rint(255 * X_new)
    squares = (X**2).sum(axis=0)
    for k in range(0, X_new.shape[1], 500):
        distances = squares - 2 * X_new[:, k : k + 500].T @ X
        near = np.argpartition(distances, most, axis=1)[:, :most]
        order = np.argsort(np.take_along_axis(distances, near, axis=1), axis=1, kind="stable")
        yield labels[np.take_along_axis(near, order, axis=1)]


def vote(digits: np.ndarray) -> np.ndarray:
    """Return the most frequent digit of each row, the first of them if several are."""
    counts = (digits[:, :, None] == np.arange(10)).sum(axis=1)
    most_frequent = np.take_along_axis(counts, digits, axis=1)
    best = np.argmax(most_frequent, axis=1)
    return digits[np.arange(len(digits)), best]


def moved(batches: Iterator[tuple[np.ndarray, np.ndarray]], rng: np.random.Generator) -> Iterator:
    """Yield the same batches, each with its images moved by up to a pixel in each direction."""
    for X, Y in batches:
        images = X.reshape(28, 28, -1)
        shift = rng.integers(-1, 2, size=2)
        yield np.roll(images, shift, axis=(0, 1)).reshape(784, -1), Y


def train(
    X: np.ndarray, labels: np.ndarray, rate: float, seed: int, move: bool
) -> tuple[Network, np.ndarray]:
    """Return the network and its parameters after all epochs, of 200 steps each."""
    best, rng = rung(TOP), np.random.default_rng(seed)
    theta = best.start(N, rng, dtype=X.dtype)
    batches = minibatches(X, best.targets(labels, X.dtype), X.shape[1] // 200, rng)
    if move:
        batches = moved(batches, rng)
    f = best.network.value_and_gradient
    return best.network, best.descend(f, theta, rate, batches, steps=200 * EPOCHS)


class Rivals:
    """All of them, with the images to learn from and to be judged by, and the rows of the file."""

    path = DATA / "digit_rivals.csv"

    def __init__(self) -> None:
        mnist = load_mnist(DATA / "mnist")
        self.X, self.labels = mnist.X_train, mnist.labels_train
        self.rows: dict[tuple[str, int, float, int], int] = {}
        if self.path.exists():
            with self.path.open() as file:
                for way, m, rate, seed, right in list(csv.reader(file))[1:]:
                    self.rows[way, int(m), float(rate), int(seed)] = int(right)

    def right(self, way: str, m: int, rate: float = 0.0, seed: int = 0) -> int:
        """Return how many answers are right after learning from m images, and write it down."""
        key = way, m, rate, seed
        if key not in self.rows:
            self.rows[key] = int(np.sum(self.answers(*key) == self.labels[50000:]))
            print(*key, self.rows[key], flush=True)
            header = ("way", "images", "rate", "seed", "right_of_10000")
            write(self.path, header, [(*row, right) for row, right in self.rows.items()])
        return self.rows[key]

    def answers(self, way: str, m: int, rate: float, seed: int) -> np.ndarray:
        X, labels, X_val = self.X[:, :m], self.labels[:m], self.X[:, 50000:]
        if way == "nearest mean":
            return nearest_mean(X, labels, X_val)
        if way.startswith("neighbors"):
            return vote(self.near(m)[:, : int(way.split()[1])])
        X, X_val = X.astype(np.float32), X_val.astype(np.float32)
        network, theta = train(X, labels, rate, seed, move=way.endswith("moved"))
        return network(theta, X_val).argmax(axis=0)

    @cache  # noqa: B019
    def near(self, m: int) -> np.ndarray:
        """Return the digits of the nearest of the first m images, for each one to be judged by."""
        most = max(NEIGHBORS) + 1
        return np.vstack(list(neighbors(self.X[:, :m], self.labels[:m], self.X[:, 50000:], most)))


@threadpool_limits.wrap(limits=1)
def record() -> None:
    rivals = Rivals()
    for m in IMAGES:
        for way in ("nearest mean", *(f"neighbors {k}" for k in NEIGHBORS)):
            rivals.right(way, m)
        for way in ("network", "network, moved"):
            tried = {rate: rivals.right(way, m, rate) for rate in RATES}
            best = max(tried, key=lambda rate: tried[rate])
            for seed in SEEDS:
                rivals.right(way, m, best, seed)


if __name__ == "__main__":
    record()
