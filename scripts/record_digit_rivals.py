"""Record chapter 11's rivals: reading digits by other means, and moving images by a pixel.

    python -m scripts.record_digit_rivals

All learn from the first 5000 or 50000 training images and are judged on the last 10000, never on
the test images. Takes about fifteen minutes on one core, and writes
notebooks/data/digit_rivals.csv:

nearest mean    the digit of the nearest of ten mean images.
neighbors k     the most frequent digit among the k nearest images; the nearest of them decides
                between digits that are equally frequent.
network         784-300-10 with ReLU, He's start, cross-entropy, smoothed targets, and Adam with a
                rate that decays along a cosine, which is the best recipe of the ladder.
network, moved  the same, with the images of each batch moved by -1, 0 or 1 pixels to the right
                and as many down, at random.

A batch of the networks is a 200th of the images. Seed 0 tries three rates; the best, by the
validation images, is then used with the seeds 11 to 15.
"""

from collections.abc import Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import (
    Network,
    adam,
    gradient_descent,
    he_normal,
    identity,
    load_mnist,
    minibatches,
    one_hot,
    relu,
    softmax_cross_entropy,
)
from scripts.records import DATA, write

IMAGES = (5000, 50000)
EPOCHS = (20, 40)
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
    X: np.ndarray, labels: np.ndarray, epochs: int, rate: float, seed: int, move: bool
) -> tuple[Network, np.ndarray]:
    """Return the network and its parameters after so many epochs of two hundred steps."""
    network = Network((784, 300, 10), (relu, identity), softmax_cross_entropy)
    rng = np.random.default_rng(seed)
    theta = he_normal(network.n, rng, dtype=X.dtype)
    Y = 0.9 * one_hot(labels, dtype=X.dtype) + 0.01
    steps = 200 * epochs
    batches = minibatches(X, Y.astype(X.dtype), X.shape[1] // 200, rng)
    theta = gradient_descent(
        network.value_and_gradient,
        theta,
        lambda k: rate / 2 * (1 + np.cos(np.pi * k / steps)),
        steps,
        rule=adam(),
        batches=moved(batches, rng) if move else batches,
    )
    return network, theta


def without_network(
    X: np.ndarray, labels: np.ndarray, X_val: np.ndarray, labels_val: np.ndarray
) -> Iterator[tuple]:
    """Yield the rows of what needs no training."""
    m = X.shape[1]
    right = int(np.sum(nearest_mean(X, labels, X_val) == labels_val))
    yield "nearest mean", m, 0, 0, 0, right
    near = np.vstack(list(neighbors(X, labels, X_val, max(NEIGHBORS) + 1)))
    for k in NEIGHBORS:
        right = int(np.sum(vote(near[:, :k]) == labels_val))
        yield f"neighbors {k}", m, 0, 0, 0, right


def networks(
    X: np.ndarray, labels: np.ndarray, X_val: np.ndarray, labels_val: np.ndarray
) -> Iterator[tuple]:
    """Yield the rows of the networks, in single precision."""
    X, X_val = X.astype(np.float32), X_val.astype(np.float32)

    def row(way: str, epochs: int, rate: float, seed: int) -> tuple:
        network, theta = train(X, labels, epochs, rate, seed, way.endswith("moved"))
        right = int(np.sum(network(theta, X_val).argmax(axis=0) == labels_val))
        return way, X.shape[1], epochs, rate, seed, right

    for epochs in EPOCHS:
        for way in ("network", "network, moved"):
            tried = [row(way, epochs, rate, 0) for rate in RATES]
            yield from tried
            best = max(tried, key=lambda r: r[-1])[3]
            yield from (row(way, epochs, best, seed) for seed in SEEDS)


@threadpool_limits.wrap(limits=1)
def record() -> None:
    mnist, rows = load_mnist(DATA / "mnist"), []
    validation = mnist.X_train[:, 50000:], mnist.labels_train[50000:]
    for m in IMAGES:
        learned = mnist.X_train[:, :m], mnist.labels_train[:m]
        for rival in (without_network, networks):
            for row in rival(*learned, *validation):
                rows.append(row)
                print(*row, sep=",", flush=True)
    header = ("way", "images", "epochs", "rate", "seed", "right_of_10000")
    write(DATA / "digit_rivals.csv", header, rows)


if __name__ == "__main__":
    record()
