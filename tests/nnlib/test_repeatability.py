"""The same seed gives the same parameters, bit for bit, whatever else is running."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nnlib import (
    Network,
    adam,
    gradient_descent,
    identity,
    minibatches,
    one_hot,
    random_normal,
    sigmoid,
    softmax_cross_entropy,
    tanh,
)


def train(seed, dtype=np.float64):
    """Return what a training of 60 steps arrives at, all of which follows from the seed."""
    rng = np.random.default_rng(seed)
    network = Network((20, 30, 10, 5), (tanh, sigmoid, identity), softmax_cross_entropy)
    X = rng.standard_normal((20, 300)).astype(dtype)
    Y = one_hot(rng.integers(5, size=300), classes=5, dtype=dtype)
    return gradient_descent(
        network.value_and_gradient,
        random_normal(network.n, rng, scale=0.3, dtype=dtype),
        rate=0.01,
        steps=60,
        rule=RULE,
        batches=minibatches(X, Y, 32, rng),
    )


RULE = adam()  # one for all, since a rule holds no state


def test_a_training_repeats_itself(dtype):
    assert train(1, dtype).tobytes() == train(1, dtype).tobytes()
    assert train(1, dtype).tobytes() != train(2, dtype).tobytes()


def test_trainings_in_threads_do_not_disturb_each_other(dtype):
    seeds = list(range(12))
    one_by_one = [train(seed, dtype).tobytes() for seed in seeds]
    with ThreadPoolExecutor(4) as threads:
        at_once = list(threads.map(lambda seed: train(seed, dtype).tobytes(), seeds))
    assert at_once == one_by_one


def test_threads_share_a_network_and_its_data():
    rng = np.random.default_rng(0)
    network = Network((5, 8, 2), (tanh, identity))
    X, Y = rng.standard_normal((5, 2500)), rng.standard_normal((2, 2500))
    f = network.objective(X, Y)
    thetas = [random_normal(network.n, rng, scale=1.0) for _ in range(16)]
    one_by_one = [(f(theta)[0], f(theta)[1].tobytes()) for theta in thetas]
    with ThreadPoolExecutor(4) as threads:
        at_once = list(threads.map(f, thetas))
    assert [(value, gradient.tobytes()) for value, gradient in at_once] == one_by_one


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_arrives_at_the_same(start, hash_seed):
    script = (
        "import importlib.util, sys, hashlib\n"
        "spec = importlib.util.spec_from_file_location('again', sys.argv[1])\n"
        "again = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(again)\n"
        "print(hashlib.sha256(again.train(3).tobytes()).hexdigest())\n"
    )
    child = start(script, __file__, env={**os.environ, "PYTHONHASHSEED": hash_seed})
    printed, _ = child.communicate()
    assert printed.strip() == hashlib.sha256(train(3).tobytes()).hexdigest()
