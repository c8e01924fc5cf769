"""An epoch of 784-300-10 on MNIST for every contender and every size of a batch."""

from importlib.util import find_spec
from statistics import median

import numpy as np

from benchmarks.workers import Worker, workers
from nnlib import random_normal

NEEDS = {
    "nnlib": "numpy",
    "scikit_learn": "sklearn",
    "pytorch": "torch",
    "tensorflow": "tensorflow",
    "jax": "jax",
    "products": "numpy",
}
N, RATE, SIZES = (784, 300, 10), 0.01, (32, 100, 256, 1000, 60000)
TOLERANCE = 1e-3  # of theta - theta^0, in norm, after as many as 1875 steps in float32


def installed() -> list[str]:
    """Return the contenders whose frameworks are there."""
    return [name for name, package in NEEDS.items() if find_spec(package)]


def start(n: tuple[int, ...], dtype: type = np.float32) -> np.ndarray:
    return random_normal(n, np.random.RandomState(1), scale=0.2, dtype=dtype)


def measure(
    names: list[str],
    X: np.ndarray,
    Y: np.ndarray,
    n: tuple[int, ...] = N,
    sizes: tuple[int, ...] = SIZES,
    rounds: int = 9,
) -> tuple[list[tuple], dict[str, list[str]]]:
    """Return rows of contender, size, round, seconds and difference to nnlib, and the pools."""
    rows, theta = [], start(n)
    modules = {name: f"benchmarks.contenders.with_{name}" for name in names}
    with workers(modules, "Contender", n, X, Y, RATE) as contenders:
        for size in sizes:
            for k in range(rounds + 1):  # nobody counts the first, in which functions are compiled
                taken, reached = {}, {}
                for name in names:
                    taken[name], reached[name] = epoch(contenders[name], theta, size, k)
                differences = compare(theta, reached)
                for name in names if k else []:
                    rows.append((name, size, k, f"{taken[name]:.4f}", differences[name]))
            report(rows, size)
        return rows, {name: contenders[name].pools for name in names}


def epoch(worker: Worker, theta: np.ndarray, size: int, seed: int) -> tuple[float, np.ndarray]:
    """Return the seconds of one epoch from theta, and the parameters that it reached."""
    worker.call("start", theta)
    seconds, _ = worker.call("epoch", size, np.random.RandomState(seed))
    return seconds, worker.call("parameters")[1]


def compare(theta: np.ndarray, reached: dict[str, np.ndarray]) -> dict[str, str]:
    """Return how far each is from where nnlib is, relative to the way; refuse what is too far."""
    way = np.linalg.norm(reached["nnlib"] - theta)
    differences = {}
    for name, at in reached.items():
        if name != "products":
            difference = np.linalg.norm(at - reached["nnlib"]) / way
            if not difference < TOLERANCE:
                raise ValueError(f"{name} has not done the same: it is {difference:.1e} away")
            differences[name] = f"{difference:.1e}"
    return differences | {"products": ""}


def report(rows: list[tuple], size: int) -> None:
    times = {}
    for name, of, _, seconds, _ in rows:
        if of == size:
            times.setdefault(name, []).append(float(seconds))
    middle = {name: median(taken) for name, taken in times.items()}
    for name, seconds in middle.items():
        print(f"{size:6d} {name:13s} {seconds:.3f} s, {seconds / middle['nnlib']:.2f}", flush=True)
