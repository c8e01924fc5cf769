"""Record what chapters 6 and 7 show of times: the gradient of E by each method, and its two passes.

    python -m scripts.record_gradient_times

Takes about two minutes and writes notebooks/data/gradient_times.csv and backward_times.csv. Each
time is the median of several runs, and the methods take turns, so that a slow moment of the machine
falls on all of them. Everything runs on one thread, in double precision.
"""

from collections.abc import Callable
from itertools import product
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import (
    backward,
    count_parameters,
    forward,
    gradient_by_sums,
    identity,
    numerical_gradient,
    random_normal,
    sigmoid,
    squared_error,
    unpack,
)
from scripts.records import DATA, seconds, write

WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128)
NETWORKS = (
    (784, 300, 10),
    (784, 300, 100, 10),
    (500, 500),
    (300, 300, 300),
    (100, 100, 100, 100, 100),
    (10, 300, 300, 10),
    (10, 10, 10, 10),
    (1, 20, 1),
)


def medians(methods: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Time every method once a round, after a call that nobody counts."""
    once = {name: seconds(method) for name, method in methods.items()}
    runs = {name: max(1, int(0.02 / max(once[name], 1e-6))) for name in methods}
    times = {name: [] for name in methods}
    for _ in range(rounds):
        for name, method in methods.items():
            times[name].append(seconds(method, runs[name]))
    return {name: median(taken) for name, taken in times.items()}


def problem(n: tuple[int, ...], m: int, rng: np.random.Generator, hidden=sigmoid) -> tuple:
    g = [identity] + [hidden] * (len(n) - 2) + [identity]
    theta = random_normal(n, rng, scale=0.2)
    X, Y = (np.asfortranarray(rng.normal(size=(k, m))) for k in (n[0], n[-1]))
    return theta, g, X, Y


def gradient_times(rng: np.random.Generator) -> list[tuple[str, int, str]]:
    rows = []
    for k in WIDTHS:
        n = (k, k, k)
        theta, g, X, Y = problem(n, 10, rng)

        def E(theta, n=n, g=g, X=X, Y=Y):
            return squared_error(forward(*unpack(theta, n), g, X)[1][-1], Y)

        def gradient(passes, theta=theta, n=n, g=g, X=X, Y=Y):
            W, b = unpack(theta, n)
            Z, A = forward(W, b, g, X)
            return passes(W, g, Z, A, squared_error.dA(A[-1], Y))

        methods = {
            "differences": lambda E=E, theta=theta: numerical_gradient(E, theta),
            "sums": lambda gradient=gradient: gradient(gradient_by_sums),
            "matrices": lambda gradient=gradient: gradient(backward),
        }
        times = medians(methods, rounds=9)
        rows += [(name, count_parameters(n), f"{time:.3e}") for name, time in times.items()]
    return rows


def backward_times(rng: np.random.Generator) -> list[tuple[str, str, str, str]]:
    rows = []
    for n, hidden in product(NETWORKS, (sigmoid, identity)):
        theta, g, X, Y = problem(n, 1000, rng, hidden)
        W, b = unpack(theta, n)
        Z, A = forward(W, b, g, X)
        dA = squared_error.dA(A[-1], Y)
        methods = {
            "forward": lambda W=W, b=b, g=g, X=X: forward(W, b, g, X),
            "backward": lambda W=W, g=g, Z=Z, A=A, dA=dA: backward(W, g, Z, A, dA),
        }
        times = medians(methods, rounds=21)
        name = "-".join(str(k) for k in n)
        rows.append((name, hidden.name, *(f"{time:.3e}" for time in times.values())))
    return rows


@threadpool_limits.wrap(limits=1)
def main() -> None:
    rng = np.random.default_rng(6)
    write(DATA / "gradient_times.csv", ("method", "p", "seconds"), gradient_times(rng))
    write(DATA / "backward_times.csv", ("n", "hidden", "forward", "backward"), backward_times(rng))


if __name__ == "__main__":
    main()
