"""Record what the page on many machines shows: seconds for a gradient, by workers and blocks.

    python -m scripts.record_machine_times

Takes about a minute and writes notebooks/data/machine_times.csv: the gradient of the error of a
network with 784, 300 and 10 nodes on all of MNIST, in single precision, on one thread a process.
Zero workers are plain nnlib in one process, with its blocks of columns on one thread or shared by
two: what the machine itself gains from a second processor. Each time is the median of several
gradients, and all rows take turns, so that a slow moment of the machine falls on all of them. Bytes
are those of the messages in a gradient, to the workers and back, once for each way: through a
scheduler, as here, they travel it in two hops.
"""

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from examples import many_machines
from nnlib import (
    Network,
    he_normal,
    identity,
    load_mnist,
    one_hot,
    relu,
    softmax_cross_entropy,
)
from scripts.records import DATA, seconds, write

MNIST = str(DATA / "mnist")
NETWORK = Network((784, 300, 10), (relu, identity), softmax_cross_entropy)
BLOCKS = {1: (1, 4, 12), 2: (2, 4, 12)}  # by the number of workers
ROUNDS = 15


def bytes_sent(theta: np.ndarray, K: int) -> int:
    """Return the bytes of K times theta out, and of K times (E_k, gradient_k) back."""
    return K * (len(pickle.dumps(theta)) + len(pickle.dumps((0.0, theta))))


@threadpool_limits.wrap(limits=1)
def main() -> None:
    theta = he_normal(NETWORK.n, np.random.default_rng(0), dtype=np.float32)
    mnist = load_mnist(MNIST, dtype=np.float32)
    X, Y = mnist.X_train, one_hot(mnist.labels_train, dtype=np.float32)
    load = partial(many_machines.load_block, MNIST)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(2))
        objectives: dict[tuple[int, int], Callable] = {
            (0, 1): NETWORK.objective(X, Y),
            (0, 2): NETWORK.objective(X, Y, map_blocks=pool.map),
        }
        for workers, numbers in BLOCKS.items():
            client = stack.enter_context(many_machines.connect(None, workers))
            for K in numbers:
                blocks = many_machines.split(many_machines.M, K)
                E = many_machines.on_workers(client, NETWORK, load, blocks)
                objectives[workers, K] = E
        for E in objectives.values():
            E(theta)
        times = {row: [] for row in objectives}
        for _ in range(ROUNDS):
            for row, E in objectives.items():
                times[row].append(seconds(partial(E, theta)))
    rows = [
        (workers, K, f"{median(taken):.4f}", bytes_sent(theta, K) if workers else 0)
        for (workers, K), taken in times.items()
    ]
    write(DATA / "machine_times.csv", ("workers", "blocks", "seconds", "bytes"), rows)


if __name__ == "__main__":
    main()
