"""Record what chapter 3 shows of times: evaluating m inputs, and picking columns out of memory.

    python -m scripts.record_forward_times

Takes about two minutes and writes notebooks/data/forward_times.csv and layout_times.csv. Each time
is the median of several runs, and the methods take turns, so that a slow moment of the machine
falls on all of them. The matrix products run on one thread, like everything else.
"""

from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import evaluate, forward, identity, random_normal, sigmoid, unpack
from scripts.records import DATA, seconds, write

N = (784, 300, 10)


def forward_times(rng: np.random.Generator) -> list[tuple[str, int, str]]:
    W, b = unpack(random_normal(N, rng, scale=0.2), N)
    g = [identity, sigmoid, identity]
    rows = []
    for m in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000):
        X = np.asfortranarray(rng.random((N[0], m)))
        columns = [X[:, c : c + 1] for c in range(m)]
        methods = {
            "all at once": lambda X=X: forward(W, b, g, X),
            "one by one": lambda columns=columns: [forward(W, b, g, x) for x in columns],
            "by sums": lambda columns=columns: [evaluate(W, b, g, x[:, 0]) for x in columns],
        }
        if m > 30:
            del methods["by sums"]
        times = {name: [] for name in methods}
        for _ in range(9):
            for name, method in methods.items():
                if name != "by sums":
                    method()  # so that none finds the cache as another has left it
                times[name].append(seconds(method))
        rows += [(name, m, f"{median(runs):.3e}") for name, runs in times.items()]
    return rows


def layout_times(rng: np.random.Generator) -> list[tuple[str, int, str]]:
    rows_of_memory = rng.random((784, 60000), dtype=np.float32)
    layouts = {"C": rows_of_memory, "F": np.asfortranarray(rows_of_memory)}
    rows = []
    for size in (1, 4, 16, 64, 256, 1024):
        times = {order: [] for order in layouts}
        for _ in range(31):
            batch = rng.permutation(60000)[:size]
            for order, X in layouts.items():
                times[order].append(seconds(lambda X=X, batch=batch: X[:, batch]))
        rows += [(order, size, f"{median(runs):.3e}") for order, runs in times.items()]
    return rows


@threadpool_limits.wrap(limits=1)
def main() -> None:
    rng = np.random.default_rng(3)
    write(DATA / "forward_times.csv", ("method", "m", "seconds"), forward_times(rng))
    write(DATA / "layout_times.csv", ("order", "columns", "seconds"), layout_times(rng))


if __name__ == "__main__":
    main()
