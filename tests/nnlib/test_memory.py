"""The memory that a gradient takes, which does not grow with the number of columns."""

import tracemalloc

import numpy as np

from nnlib import Network, identity, random_normal, sigmoid


def peak(network: Network, m: int) -> int:
    """Return the most bytes that the gradient takes beyond theta, X and Y."""
    theta = random_normal(network.n, np.random.default_rng(0), scale=0.1, dtype=np.float32)
    X, Y = (np.zeros((m, k), np.float32).T for k in (network.n[0], network.n[-1]))
    network.value_and_gradient(theta, X, Y)
    tracemalloc.start()
    try:
        network.value_and_gradient(theta, X, Y)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_peak_of_a_gradient_is_independent_of_the_number_of_columns():
    network = Network((20, 100, 5), (sigmoid, identity))
    few, many = peak(network, 4000), peak(network, 40000)
    assert abs(many - few) < 0.05 * few
