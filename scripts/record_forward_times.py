"""Record what chapter 3 shows of times.

    python -m scripts.record_forward_times [forward size order column loop layout]

Takes a few minutes and writes forward_times.csv, size_times.csv, order_times.csv, column_times.csv,
loop_times.csv and layout_times.csv in notebooks/data; with names, only those.

The chapter compares numbers from different files, so record all of them in one session.

Each time is the shortest of several, and counts the processor's time alone, so that it does not
matter when other programs interrupt. Only in the last file, the clock on the wall is used, because
the processor's clock takes about as long as to pick a column. The matrix products run on one
thread, like everything else.

Each method of the first file runs alone, in a process of its own, so that none finds the caches as
another has left them. At m = 1, "one by one" and "all at once" are the same call; if their times
differ by more than a fifth, the machine is too busy, and nothing is recorded. The other files hold
four recordings, each made in a process of its own, and their ways take turns.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from time import thread_time

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import identity, random_normal, sigmoid, unpack
from scripts.records import DATA, seconds, write

N = (784, 300, 10)
TINY = (1, 1, 1)  # whose arithmetic takes no time: what remains is the work of Python and NumPy
COUNTS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000)
SMALL = ((48, 100), (100, 200), (200, 400))  # layers whose weights fit into the nearest caches
SIZES = (*SMALL, *((300 * k, 784 * k) for k in (1, 2, 3, 4, 5, 6)))  # nodes and inputs
STACKS = (1, 4, 9, 16, 25, 36)  # as many matrices as make up the weights of a large layer
COLUMNS = (1, 2, 3, 4, 5, 6, 8, 10, 16, 30, 100, 300, 1000)
RUNS = 4


def forward_pass(W, b, g, X):
    """Evaluate as chapter 3 does, without the library's checks of its arguments."""
    Z, A = [None], [X]
    for l in range(1, len(W)):
        Z.append(W[l] @ A[l - 1] + b[l])
        A.append(g[l](Z[l]))
    return Z, A


def sums_of_layer(W, b, A):
    """Return Z of one layer for the columns of A by sums, as chapter 3 does."""
    Z = np.zeros((W.shape[0], A.shape[1]))
    for i in range(Z.shape[0]):
        for c in range(Z.shape[1]):
            products = [W[i, j] * A[j, c] for j in range(A.shape[0])]
            Z[i, c] = sum(products) + b[i, 0]
    return Z


def all_at_once(network, X, columns):
    return forward_pass(*network, X)


def one_by_one(network, X, columns):
    return [forward_pass(*network, x) for x in columns]


def by_sums(network, X, columns):
    W, b, g = network
    A = X
    for l in range(1, len(W)):
        A = g[l](sums_of_layer(W[l], b[l], A))
    return A


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
        runs = 12 if method is by_sums else max(12, 6000 // m)
        (best,) = shortest([partial(method, network, X, columns)], runs)
        rows.append((name, m, best))
    return rows


def shortest(ways, rounds, repeats=1):
    """Return the shortest processor time of each way; the ways take turns."""
    times = [[] for _ in ways]
    with threadpool_limits(1):
        for _ in range(rounds):
            for way, runs in zip(ways, times, strict=True):
                for _ in range(repeats):
                    start = thread_time()
                    way()
                    runs.append(thread_time() - start)
    return [min(runs) for runs in times]


def two_ways(W, X):
    """Return two functions that multiply W by the columns of X: one by one, and all at once."""
    columns = [X[:, c : c + 1] for c in range(X.shape[1])]
    return (lambda: [W @ column for column in columns]), (lambda: W @ X)


def size_times(run: int, m: int = 100) -> list[tuple]:
    """Return the seconds for a column, one by one and all at once, of layers of several sizes.

    The first layer has one node and one input: its time is that of a call.
    """
    rng = np.random.default_rng(run)
    layers, best = [], {}
    for size in ((1, 1), *SIZES):
        W, X = rng.random(size), np.asfortranarray(rng.random((size[1], m)))
        layers.append((size, two_ways(W, X)))
        best[size] = (1.0, 1.0)
    for _ in range(12):
        for size, ways in layers:
            for _ in range(1 + 12 * N[0] * N[1] // max(size[0] * size[1], N[0] * N[1])):
                times = shortest(ways, 1)
                best[size] = tuple(map(min, best[size], times))
    return [(run, *size, *(f"{t / m:.3e}" for t in both)) for size, both in best.items()]


def order_times(run: int, m: int = 20) -> list[tuple]:
    """Return the seconds for a product of a matrix and a column; the products come in two orders.

    Either each matrix meets all columns before the next matrix is due, or each column meets all
    matrices before the next column is due.
    """
    rng = np.random.default_rng(run)
    matrices = [rng.random((N[1], N[0])) for _ in range(STACKS[-1])]
    columns = [rng.random((N[0], 1)) for _ in range(m)]
    rows = []
    for count in STACKS:
        some = matrices[:count]
        ways = (
            lambda some=some: [[W @ x for x in columns] for W in some],
            lambda some=some: [[W @ x for W in some] for x in columns],
        )
        times = shortest(ways, 24)
        rows.append((run, count, *(f"{t / (m * count):.3e}" for t in times)))
    return rows


def column_times(run: int) -> list[tuple]:
    """Return the seconds for a column of a layer like the hidden one, by how many columns it gets.

    Few columns are multiplied again and again, until there were sixty.
    """
    rng = np.random.default_rng(run)
    W = rng.random((N[1], N[0]))
    rows = []
    for m in COLUMNS:
        again = max(1, 60 // m)
        ways = [
            lambda way=way, again=again: [way() for _ in range(again)]
            for way in two_ways(W, np.asfortranarray(rng.random((N[0], m))))
        ]
        times = shortest(ways, 15, max(1, 300 // (again * m)))
        rows.append((run, m, *(f"{t / (again * m):.3e}" for t in times)))
    return rows


def loop_times(run: int) -> list[tuple]:
    """Return the seconds for a layer of 784 inputs and 300 nodes and one input, in four ways.

    Sums in Python take single numbers out of arrays, or out of lists. For integers, NumPy has a
    plain compiled loop, and for floats a product that is tuned to the processor.
    """
    rng = np.random.default_rng(run)
    W, x, b = rng.random((N[1], N[0])), rng.random((N[0], 1)), np.zeros((N[1], 1))
    W_list, x_list, W_int, x_int = W.tolist(), x.tolist(), *((100 * v).astype(int) for v in (W, x))

    def sums_over_lists():
        return [sum([W_list[i][j] * x_list[j][0] for j in range(N[0])]) for i in range(N[1])]

    slow = shortest((partial(sums_of_layer, W, b, x), sums_over_lists), 20)
    fast = shortest((lambda: W_int @ x_int, lambda: W @ x), 20, 100)
    return [(run, *(f"{t:.3e}" for t in (*slow, *fast)))]


def layout_times(run: int) -> list[tuple]:
    """Return the seconds to pick columns in C and in Fortran order, of an array with many columns,
    and of one that is small enough for the caches.
    """
    rng = np.random.default_rng(run)
    layouts = {}
    for m in (300, 60000):
        X = rng.random((N[0], m), dtype=np.float32)
        layouts[m] = X, np.asfortranarray(X)
    rows = []
    for m, both in layouts.items():
        for size in (1, 4, 16, 64, 256, 1024):
            times = ([], [])
            for _ in range(101):
                batch = rng.integers(0, m, size)
                for X, runs in zip(both, times, strict=True):
                    runs.append(seconds(lambda X=X, batch=batch: X[:, batch]))
            rows.append((run, m, size, *(f"{min(runs):.3e}" for runs in times)))
    return rows


def alone(function, argument):
    """Return what the function returns in a process of its own."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(function, argument).result()


TABLES = {
    "size": (size_times, ("run", "nodes", "inputs", "one by one", "all at once")),
    "order": (order_times, ("run", "matrices", "matrix by matrix", "column by column")),
    "column": (column_times, ("run", "columns", "one by one", "all at once")),
    "loop": (loop_times, ("run", "sums over arrays", "sums over lists", "integers", "floats")),
    "layout": (layout_times, ("run", "columns", "picked", "C order", "Fortran order")),
}


def main(names: list[str]) -> None:
    for name in names or ["forward", *TABLES]:
        if name == "forward":
            record_forward_times()
        else:
            function, header = TABLES[name]
            rows = [row for run in range(RUNS) for row in alone(function, run)]
            write(DATA / f"{name}_times.csv", header, rows)


def record_forward_times() -> None:
    rows = [row for name in METHODS for row in alone(forward_times, name)]
    together, single = (
        t for name, m, t in rows if m == 1 and name in ("all at once", "one by one")
    )
    if not 0.8 < together / single < 1.25:
        raise SystemExit(f"one call took {together:.2e} and {single:.2e} s: a busy machine?")
    header = ("method", "m", "seconds")
    write(DATA / "forward_times.csv", header, [(name, m, f"{t:.3e}") for name, m, t in rows])


if __name__ == "__main__":
    main(sys.argv[1:])
