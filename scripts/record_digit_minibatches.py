"""Record chapter 11's mini-batches: how soon the series' network reads so many test images right.

    python -m scripts.record_digit_minibatches

The network, the start, the error, the images and the rate are the series'; only the steps are taken
on batches of 10 and of 100 images. Takes about three minutes and writes
notebooks/data/digit_minibatches.csv: after so many steps, the seconds spent on them on two cores
and the number of test images read right.
"""

import time
from collections.abc import Iterator

import numpy as np

from nnlib import (
    Network,
    accuracy,
    gradient_descent,
    identity,
    load_mnist,
    minibatches,
    one_hot,
    random_normal,
    sigmoid,
)
from scripts.records import DATA, write

RATE = 0.03
EPOCHS = {10: 20, 100: 40}  # by the size of the batches
PARTS = 12  # of an epoch, after each of which the test images are read


def runs() -> Iterator[tuple[int, int, str, int]]:
    mnist = load_mnist(DATA / "mnist", dtype=np.float32)
    Y = one_hot(mnist.labels_train, dtype=np.float32)
    network = Network((784, 300, 10), (sigmoid, identity))
    for size, epochs in EPOCHS.items():
        theta = random_normal(network.n, np.random.RandomState(1), scale=0.2, dtype=np.float32)
        batches = minibatches(mnist.X_train, Y, size, np.random.default_rng(0))
        steps, seconds = 60000 // size // PARTS, 0.0
        assert steps * size * PARTS == 60000, "the parts have to make an epoch"
        for part in range(1, epochs * PARTS + 1):
            begin = time.perf_counter()
            theta = gradient_descent(
                network.value_and_gradient, theta, RATE, steps, batches=batches
            )
            seconds += time.perf_counter() - begin
            share = accuracy(network(theta, mnist.X_test), mnist.labels_test)
            yield size, part * steps, f"{seconds:.2f}", round(10000 * share)
            if part % PARTS == 0:
                print(size, part // PARTS, f"{seconds:.1f}", share, flush=True)


if __name__ == "__main__":
    rows = list(runs())
    write(DATA / "digit_minibatches.csv", ("size", "steps", "seconds", "right_of_10000"), rows)
