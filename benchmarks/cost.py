"""Seconds and memory of the gradient against the columns m, the nodes n and the layers L."""

import tracemalloc
from collections.abc import Iterator
from statistics import median

import numpy as np

from benchmarks.epochs import N
from benchmarks.workers import workers
from nnlib import Network, identity, random_normal, sigmoid

ROUNDS = 5
COLUMNS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000)
NODES = (3, 10, 30, 100, 300, 1000, 3000)
LAYERS = (1, 3, 10, 30, 100)


def problems() -> Iterator[tuple[str, int, tuple[int, ...], int]]:
    """Yield what varies, its value, (n^0, ..., n^L) and m."""
    yield from (("m", m, N, m) for m in COLUMNS)
    yield from (("n", k, (k, k, k), 1000) for k in NODES)
    yield from (("L", L, (100,) * (L + 1), 1000) for L in LAYERS)


class Gradient:
    """The gradient of E for a network with sigmoids, at random inputs and targets."""

    def __init__(self, n: tuple[int, ...], m: int) -> None:
        rng = np.random.default_rng(0)
        self.network = Network(n, (*[sigmoid] * (len(n) - 2), identity))
        # At this scale derivatives do not fade to subnormal numbers, which are slow, in 100 layers.
        scale = 4 / np.sqrt(n[0])
        self.theta = random_normal(n, rng, scale, dtype=np.float32)
        self.X, self.Y = (rng.random((m, k), dtype=np.float32).T for k in (n[0], n[-1]))

    def compute(self, runs: int = 1) -> None:
        for _ in range(runs):
            self.network.value_and_gradient(self.theta, self.X, self.Y)

    def peak(self) -> int:
        """Return the most bytes that a gradient takes beyond theta, X and Y."""
        self.compute()
        tracemalloc.start()
        self.compute()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak


class Gradients:
    """What a worker computes: the gradients of all problems, by their numbers."""

    def __init__(self) -> None:
        self.problems = [Gradient(n, m) for _, _, n, m in problems()]

    def compute(self, index: int, runs: int = 1) -> None:
        self.problems[index].compute(runs)

    def peak(self, index: int) -> int:
        return self.problems[index].peak()


def measure() -> list[tuple]:
    """Return rows of what varies, its value, the median of seconds and the peak in bytes."""
    varied = [problem[:2] for problem in problems()]
    with workers({"cost": __name__}, "Gradients") as started:
        worker = started["cost"]
        for index in range(len(varied)):
            worker.call("compute", index)
        once = [worker.call("compute", index)[0] for index in range(len(varied))]
        times = [[] for _ in varied]
        for k in range(ROUNDS):
            for index, seconds in enumerate(once):
                runs = max(1, round(0.05 / seconds))
                times[index].append(worker.call("compute", index, runs)[0] / runs)
            print(f"cost, round {k + 1} of {ROUNDS}", flush=True)
        peaks = [worker.call("peak", index)[1] for index in range(len(varied))]
    return [
        (*problem, f"{median(seconds):.3e}", peak)
        for problem, seconds, peak in zip(varied, times, peaks, strict=True)
    ]
