"""Train chapter 11's best network on a GPU, and beside it on the processor.

    python examples/on_a_gpu.py notebooks/data/mnist

It needs an NVIDIA GPU and CuPy, which is the extra `gpu`. Without them, it
says so and trains on the processor alone.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import (
    MNIST,
    Network,
    accuracy,
    adam,
    count_steps,
    gradient_descent,
    he_normal,
    identity,
    load_mnist,
    minibatches,
    one_hot,
    relu,
    softmax_cross_entropy,
)

RATE, SIZE, SMOOTHING = 0.003, 250, 0.1  # as chapter 11's reader


def find_gpu() -> Callable[[Any], Any] | None:
    """Return what copies an array to the GPU, or say why there is none."""
    try:
        import cupy

        cupy.zeros(1)
    except Exception as error:  # not installed, no driver, no GPU, no CUDA
        print(f"no GPU: {error}")
        return None
    return cupy.asarray


def train(move: Callable[[Any], Any], mnist: MNIST, epochs: int) -> float:
    """Return the share of test images read right after some epochs.

    Arrays go where `move` copies them, and there everything is computed.
    """
    network = Network((784, 300, 10), (relu, identity), softmax_cross_entropy)
    rng = np.random.default_rng(0)
    theta = he_normal(network.n, rng, dtype=np.float32)
    Y = one_hot(mnist.labels_train, dtype=np.float32)
    Y = (1 - SMOOTHING) * Y + SMOOTHING / 10
    steps = count_steps(epochs, Y.shape[1], SIZE)
    theta = gradient_descent(
        network.value_and_gradient,
        move(theta),
        rate=lambda k: RATE * (1 + np.cos(np.pi * k / steps)) / 2,
        steps=steps,
        rule=adam(),
        batches=minibatches(move(mnist.X_train), move(Y), SIZE, rng),
    )
    A = network(theta, move(mnist.X_test), columns_per_block=10_000)
    return accuracy(A, move(mnist.labels_test))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", help="of the MNIST files")
    parser.add_argument("--epochs", type=int, default=20)
    arguments = parser.parse_args()
    mnist = load_mnist(arguments.directory, dtype=np.float32)
    places = {"GPU": find_gpu(), "processor": np.asarray}
    for place, move in places.items():
        if move is not None:
            begin = time.perf_counter()
            right = train(move, mnist, arguments.epochs)
            seconds = time.perf_counter() - begin
            print(f"{place}: {right:.2%} read right, {seconds:.1f} seconds")


if __name__ == "__main__":
    main()
