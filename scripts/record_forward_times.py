"""Record what chapter 3 shows of times: evaluating m inputs, layers of several sizes, and picking
columns out of memory.

    python -m scripts.record_forward_times

Takes about four minutes and writes forward_times.csv, size_times.csv and layout_times.csv in
notebooks/data. Each method of the first runs alone, in a process of its own, so that none finds the
caches as another has left them, and each time is the median of several runs. The layers of several
sizes take turns, and each time is the shortest, as in the race of the chapter: other programs can
only make it longer. The matrix products run on one thread, like everything else. At m = 1, "one by
one" and "all at once" are the same call; if their times differ by more than a fifth, the machine is
too busy, and nothing is recorded.
"""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import evaluate, identity, random_normal, sigmoid, unpack
from scripts.records import DATA, seconds, write

N = (784, 300, 10)
TINY = (1, 1, 1)  # whose arithmetic takes no time: what remains is the work of Python and NumPy
COUNTS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000)
SCALES = (1, 2, 3, 4, 5, 6)  # of a layer with 784 inputs and 300 nodes


def forward_pass(W, b, g, X):
    """Evaluate as chapter 3 does, without the library's checks of its arguments."""
    Z, A = [None], [X]
    for l in range(1, len(W)):
        Z.append(W[l] @ A[l - 1] + b[l])
        A.append(g[l](Z[l]))
    return Z, A


def all_at_once(network, X, columns):
    return forward_pass(*network, X)


def one_by_one(network, X, columns):
    return [forward_pass(*network, x) for x in columns]


def by_sums(network, X, columns):
    return [evaluate(*network, x[:, 0]) for x in columns]


METHODS = {
    "all at once": (N, COUNTS, all_at_once),
    "one by one": (N, COUNTS, one_by_one),
    "tiny, one by one": (TINY, COUNTS, one_by_one),
    "by sums": (N, COUNTS[:4], by_sums),
}


def forward_times(name: str) -> list[tuple[str, int, float]]:
    n, counts, method = METHODS[name]
    rng = np.random.default_rng(3)
    network = (*unpack(random_normal(n, rng, scale=0.2), n), [identity, sigmoid, identity])
    rows = []
    for m in counts:
        X = np.asfortranarray(rng.random((n[0], m)))
        columns = [X[:, c : c + 1] for c in range(m)]
        runs = 5 if method is by_sums else max(9, 3000 // m)
        with threadpool_limits(1):
            for _ in range(runs // 3):  # until the caches and the clock are as they stay
                method(network, X, columns)
            times = [seconds(partial(method, network, X, columns)) for _ in range(runs)]
        rows.append((name, m, median(times)))
    return rows


def limit() -> list[tuple[str, int, float]]:
    """Return how long it takes to multiply two large square matrices."""
    square = np.random.default_rng(3).random((1000, 1000))
    with threadpool_limits(1):
        np.dot(square, square)
        times = [seconds(partial(np.dot, square, square)) for _ in range(31)]
    return [("multiplying", 1, median(times))]


def size_times(m: int = 100) -> list[tuple[int, int, str, str]]:
    """Return nodes, inputs, and seconds for an input of m: one by one, and all at once."""
    rng = np.random.default_rng(3)
    layers, times = {}, {}
    for scale in SCALES:
        nodes, inputs = 300 * scale, 784 * scale
        layers[nodes, inputs] = rng.random((nodes, inputs)), rng.random((inputs, m))
        times[nodes, inputs] = ([], [])
    with threadpool_limits(1):
        for _ in range(25):
            for size, (W, X) in layers.items():
                columns = [X[:, c : c + 1] for c in range(m)]
                for _ in range(1 + 20 * N[0] * N[1] // W.size):
                    times[size][0].append(
                        seconds(lambda W=W, x=columns: [W @ column for column in x])
                    )
                    times[size][1].append(seconds(lambda W=W, X=X: W @ X))
    return [(*size, *(f"{min(runs) / m:.3e}" for runs in both)) for size, both in times.items()]


def layout_times() -> list[tuple[str, int, str]]:
    rng = np.random.default_rng(3)
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


def main() -> None:
    rows = []
    for name in METHODS:
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as alone:
            rows += alone.submit(forward_times, name).result()
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as alone:
        rows += alone.submit(limit).result()
    together, single = (
        t for name, m, t in rows if m == 1 and name in ("all at once", "one by one")
    )
    if not 0.8 < together / single < 1.25:
        raise SystemExit(f"one call took {together:.2e} and {single:.2e} s: a busy machine?")
    header = ("method", "m", "seconds")
    write(DATA / "forward_times.csv", header, [(name, m, f"{t:.3e}") for name, m, t in rows])
    header = ("nodes", "inputs", "one by one", "all at once")
    write(DATA / "size_times.csv", header, size_times())
    write(DATA / "layout_times.csv", ("order", "columns", "seconds"), layout_times())


if __name__ == "__main__":
    main()
