"""Record what convolutions, shifted images and dropout bring on MNIST: the page "Where next".

    python -m scripts.record_where_next

Everyone trains as chapter 11's best network does, but for 10 epochs: Adam, batches of 250, a rate
that falls from 0.003 to 0 along half a period of the cosine, He's start, smoothed targets, all
60000 images. Nothing was tuned to any of them. From each of five seeds, the answers to the test
images are counted, once. Takes about ten minutes on one core, and writes
notebooks/data/where_next.csv, and the first layer of the first convolutional network, a kernel a
row with its bias first, notebooks/data/where_next_kernels.csv.
"""

from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from examples import convolution
from examples.more_images import shifted, with_dropout
from nnlib import (
    MNIST,
    accuracy,
    count_steps,
    load_mnist,
    minibatches,
)
from scripts.ladder import READER, SIZE, N, rung
from scripts.records import DATA, write

EPOCHS, SEEDS = 10, range(5)
BEST, RATE = rung(READER[0]), READER[1]  # how all of them are trained, as chapter 11's reader was
DENSE = BEST.network
NETWORKS = ("fully connected", "shifts", "dropout", "convolutions", "convolutions, pixels mixed")


def trained(name: str, seed: int, mnist: MNIST) -> tuple[np.ndarray, int]:
    """Return the parameters, and the number of test images that are read right with them."""
    rng, X, X_test = np.random.default_rng(seed), mnist.X_train, mnist.X_test
    Y = BEST.targets(mnist.labels_train, X.dtype)
    if name == "convolutions, pixels mixed":
        order = np.random.default_rng(0).permutation(len(X))  # one for all images
        X, X_test = (np.asfortranarray(images[order]) for images in (X, X_test))
    if name.startswith("convolutions"):
        layers = convolution.READER
        theta = convolution.start(layers, rng, X.dtype)
        f = partial(convolution.value_and_gradient, layers)
    else:
        theta = BEST.start(N, rng, X.dtype)
        f = with_dropout(DENSE, 0.5, rng) if name == "dropout" else DENSE.value_and_gradient
    batches = minibatches(X, Y, SIZE, rng)
    if name == "shifts":
        batches = shifted(batches, rng)
    steps = count_steps(EPOCHS, X.shape[1], SIZE)
    theta = BEST.descend(f, theta, RATE, batches, steps)
    if name.startswith("convolutions"):
        blocks = np.array_split(X_test, 20, axis=1)
        outputs = np.hstack([convolution.forward(layers, theta, part)[1][-1] for part in blocks])
    else:
        outputs = DENSE(theta, X_test)
    return theta, round(accuracy(outputs, mnist.labels_test) * X_test.shape[1])


@threadpool_limits.wrap(limits=1)
def main() -> None:
    mnist, rows = load_mnist(DATA / "mnist", dtype=np.float32), []
    for seed in SEEDS:
        for name in NETWORKS:
            theta, right = trained(name, seed, mnist)
            rows.append((name, seed, theta.size, right))
            print(*rows[-1], flush=True)
            if name == "convolutions" and seed == SEEDS[0]:
                W, b = convolution.parameters(convolution.READER, theta)[1]
                kernels = np.hstack([b, W]).round(4).tolist()
    rows.sort(key=lambda row: NETWORKS.index(row[0]))
    write(DATA / "where_next.csv", ("network", "seed", "parameters", "right_of_10000"), rows)
    weights = [f"w_{i}{j}" for i in range(6) for j in range(6)]
    write(DATA / "where_next_kernels.csv", ("b", *weights), map(tuple, kernels))


if __name__ == "__main__":
    main()
