"""Train on many machines: E and its gradient as sums over blocks of columns.

    python examples/many_machines.py notebooks/data/mnist
    python examples/many_machines.py /data/mnist --scheduler tcp://host:8786

The first line starts two workers on this machine; the second uses those of a
scheduler elsewhere, which need nnlib, and the MNIST files in a directory of
that name. The descent is the same.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise

import dask
import numpy as np
from distributed import Client, Future, LocalCluster

from nnlib import (
    Network,
    accuracy,
    gradient_descent,
    he_normal,
    identity,
    load_mnist,
    one_hot,
    relu,
    softmax_cross_entropy,
)

M = 60_000  # columns of MNIST

# Blocks are shared out evenly, so that moving one to an idle worker never pays.
# Without the second line, workers would give the memory of every matrix back to
# the system, and ask for it again.
SETTINGS = {
    "distributed.scheduler.work-stealing": False,
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
}

# Without a dashboard, the scheduler would still take port 8787, or warn.
ANY_PORT = {"dashboard_address": "127.0.0.1:0"}


def split(m: int, K: int) -> list[slice]:
    """Return K blocks of columns that cover all m, as equal as can be."""
    ends = [m * k // K for k in range(K + 1)]
    return [slice(start, stop) for start, stop in pairwise(ends)]


def load_block(directory: str, c: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns c of X and Y. It runs where the block is to stay."""
    mnist = load_mnist(directory, dtype=np.float32)
    Y = one_hot(mnist.labels_train[c], dtype=np.float32)
    return mnist.X_train[:, c].copy(order="F"), Y


def part(
    network: Network, theta: np.ndarray, block: tuple
) -> tuple[float, np.ndarray]:
    """Return E_k and its gradient, on one block."""
    return network.value_and_gradient(theta, *block)


def in_order(parts: Callable, blocks: Sequence[slice]) -> Callable:
    """Return theta -> (E, gradient), the sum of (m_k/m) (E_k, gradient_k).

    The blocks are added in their order, whoever computed them.
    """
    m = sum(c.stop - c.start for c in blocks)

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        E, gradient = 0.0, np.zeros_like(theta)
        for c, (E_k, gradient_k) in zip(blocks, parts(theta), strict=True):
            share = (c.stop - c.start) / m
            E += share * E_k
            gradient += share * gradient_k
        return E, gradient

    return objective


def here(network: Network, load: Callable, blocks: Sequence[slice]) -> Callable:
    """Return the objective, computed block by block in this process."""
    data = [load(c) for c in blocks]
    return in_order(
        lambda theta: [part(network, theta, block) for block in data], blocks
    )


def on_workers(
    client: Client, network: Network, load: Callable, blocks: Sequence[slice]
) -> Callable:
    """Return the objective, computed by workers that load blocks and keep them.

    Where a block is, its gradient is computed. If the worker dies, others do
    its tasks again.
    """

    def submit(k: int, *task: object) -> Future:
        worker = workers[k % len(workers)]
        return client.submit(
            *task, workers=worker, allow_other_workers=True, pure=False
        )

    workers = list(client.nthreads())
    data = [submit(k, load, c) for k, c in enumerate(blocks)]

    def parts(theta: np.ndarray) -> list:
        return client.gather(
            [submit(k, part, network, theta, b) for k, b in enumerate(data)]
        )

    return in_order(parts, blocks)


@contextmanager
def connect(
    scheduler: str | None, workers: int = 2, seconds: float = 10
) -> Iterator[Client]:
    """Yield a client of the scheduler at an address, or of workers here."""
    if scheduler is None:
        one_thread = {"n_workers": workers, "threads_per_worker": 1}
        no_dashboard = {"dashboard_address": None, "scheduler_kwargs": ANY_PORT}
        with (
            dask.config.set(SETTINGS),
            LocalCluster(**one_thread, **no_dashboard) as cluster,
            Client(cluster) as client,
        ):
            yield client
    else:
        with reach(scheduler, seconds) as client:
            yield client


def reach(scheduler: str, seconds: float) -> Client:
    """Return a client of a scheduler with workers, or say what is missing."""
    try:
        client = Client(scheduler, timeout=seconds)
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"no scheduler answers at {scheduler}: {error}"
        ) from error
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError as error:
        client.close()
        raise ConnectionError(
            f"the scheduler at {scheduler} has no workers"
        ) from error
    return client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "directory", help="of the MNIST files, as the workers see it"
    )
    parser.add_argument(
        "--scheduler", help="its address, such as tcp://host:8786"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=2,
        help="started here without a scheduler",
    )
    parser.add_argument("--blocks", type=int, default=4)
    parser.add_argument("--steps", type=int, default=20)
    arguments = parser.parse_args()
    if min(arguments.workers, arguments.blocks) < 1:
        parser.error("--workers and --blocks are at least 1")

    try:
        train(arguments)
    except ConnectionError as error:
        raise SystemExit(str(error)) from None


def train(arguments: argparse.Namespace) -> None:
    """Descend on all of MNIST, saying how far, and read the test images."""

    def say(k: int, theta: np.ndarray, E: float, gradient: np.ndarray) -> None:
        print(f"step {k}: E = {E:.4f}", flush=True)

    network = Network((784, 300, 10), (relu, identity), softmax_cross_entropy)
    theta = he_normal(network.n, np.random.default_rng(0), dtype=np.float32)
    load = partial(load_block, arguments.directory)
    with connect(arguments.scheduler, arguments.workers) as client:
        E = on_workers(client, network, load, split(M, arguments.blocks))
        theta = gradient_descent(
            E, theta, rate=0.5, steps=arguments.steps, callback=say
        )
    mnist = load_mnist(arguments.directory, dtype=np.float32)
    right = accuracy(network(theta, mnist.X_test), mnist.labels_test)
    print(f"{right:.2%} of the test images are read right")


if __name__ == "__main__":
    main()
