"""Record what chapter 9 shows over many seeds: the sine experiment in a few hundred variants.

    python -m scripts.record_sine_runs                # all of it
    python -m scripts.record_sine_runs batches        # one or more of the names in TABLES

Takes about twelve minutes on one core, five of them for "runs", and writes to notebooks/data:

sine_runs.csv      the error E of a 1-width-1 network on the 100 points of the series after so many
                   steps of gradient descent, for every width at the rate 0.1 and for every rate at
                   the width 20, from ten starts each. "inf" stands for a descent that ended in an
                   overflow.
sine_scales.csv    E of five hidden units after 20,000 steps at the rate 0.1, if the first weights
                   are two or three times as large (scale), from ten starts each.
sine_two.csv       E of two hidden units: from the small first weights of the series and from ones
                   ten times as large (scale), with plain descent (adam = 0) and with Adam (1).
sine_batches.csv   the mean of E on all points over the last 1000 steps, with batches of 1, 10 and
                   all 100 columns, from twenty starts, each with an order of its own.
sine_stopping.csv  training on 20 noisy pairs: the step with the least error on 40 pairs for
                   validation, and the errors there and after 2000 steps, with a patience of 10
                   and of 50 steps, and of training on all 60 pairs for 300 to 10,000 steps and for
                   as many as had the least error, for sixty draws.
"""

import sys
from collections.abc import Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import (
    Network,
    adam,
    gradient_descent,
    identity,
    minibatches,
    random_normal,
    sigmoid,
)
from scripts.records import DATA, write

WIDTHS = (2, 5, 10, 20, 50, 100)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
SEEDS = range(10)
STEPS = (1000, 2000, 5000, 10000, 20000)
ALL = (300, 1000, 2000, 5000, 10000)  # steps on all sixty noisy pairs

X = np.arange(-50, 50).reshape(1, -1) / 10
Y = np.sin(X)


def errors(width: int, rate: float, seed: int) -> dict[int, float]:
    """Return E after each number of steps in STEPS."""
    network = Network((1, width, 1), (sigmoid, identity))
    theta = random_normal(network.n, np.random.RandomState(seed), scale=0.2)
    E = dict.fromkeys(STEPS, np.inf)

    def keep(k: int, theta: np.ndarray, value: float, gradient: np.ndarray) -> None:
        if k in E:
            E[k] = value

    try:
        with np.errstate(over="ignore"):
            f = network.objective(X, Y)
            gradient_descent(f, theta, rate, max(STEPS), callback=keep)
    except FloatingPointError:
        if rate < 1:  # only the largest rate may overflow; what it did not reach stays infinite
            raise
    return E


def runs() -> Iterator[tuple[int, float, int, int, str]]:
    variants = [(width, 0.1) for width in WIDTHS] + [(20, rate) for rate in RATES if rate != 0.1]
    for width, rate in variants:
        for seed in SEEDS:
            for k, E in errors(width, rate, seed).items():
                yield width, rate, seed, k, f"{E:.6e}"


def scales() -> Iterator[tuple[float, int, str]]:
    """Yield scale, seed and E of the network 1-5-1 at the end of a descent of the series."""
    network = Network((1, 5, 1), (sigmoid, identity))
    f = network.objective(X, Y)
    for scale in (0.4, 0.6):
        for seed in range(10):
            theta = random_normal(network.n, np.random.RandomState(seed), scale=scale)
            yield scale, seed, f"{f(gradient_descent(f, theta, 0.1, max(STEPS)))[0]:.4e}"


def two_units() -> Iterator[tuple[float, int, int, str]]:
    """Yield scale, rule, seed and E of the network 1-2-1, with one thing changed at a time.

    The scale of the first weights is that of the series or ten times as large; the rule is plain
    descent (0) with the rate and steps of the series, or Adam (1) at the rate 0.02 in 4000 steps.
    """
    for scale, adaptive, count in ((0.2, 0, 10), (0.2, 1, 20), (2.0, 0, 10), (2.0, 1, 40)):
        for seed in range(count):
            yield scale, adaptive, seed, f"{error_of_two(scale, adaptive, seed):.4e}"


def error_of_two(scale: float, adaptive: int, seed: int) -> float:
    """Return E of the network 1-2-1 at the end of one of these descents."""
    network = Network((1, 2, 1), (sigmoid, identity))
    start = random_normal(network.n, np.random.default_rng(seed), scale=scale)
    f = network.objective(X, Y)
    if adaptive:
        return network.E(gradient_descent(f, start, 0.02, 4000, rule=adam()), X, Y)
    return network.E(gradient_descent(f, start, 0.1, 20000), X, Y)


def batches() -> Iterator[tuple[int, int, int, str]]:
    """Yield size, seed, steps, and the mean of E on all points over the last 1000 steps."""
    network = Network((1, 20, 1), (sigmoid, identity))
    for size, seed in [(size, seed) for size in (1, 10, 100) for seed in range(20)]:
        theta = random_normal(network.n, np.random.RandomState(seed), scale=0.2)
        marks, late = ((3000, 20000) if size == 1 else (3000,)), {}

        def keep(k: int, theta: np.ndarray, *_: object, marks=marks, late=late) -> None:
            for mark in marks:
                if mark - 1000 < k <= mark and k % 10 == 0:
                    late.setdefault(mark, []).append(network.E(theta, X, Y))

        stream = minibatches(X, Y, size, np.random.default_rng(seed))
        f = network.value_and_gradient
        gradient_descent(f, theta, 0.1, max(marks), batches=stream, callback=keep)
        for mark in marks:
            yield size, seed, mark, f"{np.mean(late[mark]):.4e}"


def noisy_wave(m: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return m pairs of the sine with noise of standard deviation 0.4."""
    x = rng.uniform(-5, 5, size=(1, m))
    return x, np.sin(x) + 0.4 * rng.normal(size=(1, m))


def stopping() -> Iterator[tuple]:
    """Yield a draw, the step k with the least validation error, and errors.

    They are those on the training and test pairs there and after 2000 steps, those on the test
    pairs when the training stops with a patience of 10 and of 50 steps, and those when the pairs
    for validation are further training pairs, after k steps and after each number in ALL.
    """
    network = Network((1, 20, 1), (sigmoid, identity))
    for draw in range(60):
        rng = np.random.default_rng(draw)
        train, validation, test = (noisy_wave(m, rng) for m in (20, 40, 2000))
        start, best = random_normal(network.n, rng, scale=1.0), {"E": np.inf}
        stopped: dict[int, np.ndarray] = {}

        def keep(k: int, theta: np.ndarray, *_: object, best=best, of=stopped, pairs=validation):
            E = network.E(theta, *pairs)
            if best["E"] > E:
                best |= {"k": k, "E": E, "theta": theta}
            for patience in (10, 50):
                if k - best["k"] >= patience:
                    of.setdefault(patience, best["theta"])

        f = network.objective(*train)
        late = gradient_descent(f, start, 0.02, 2000, rule=adam(), callback=keep)
        E = [network.E(theta, *pairs) for pairs in (train, test) for theta in (best["theta"], late)]
        E += [network.E(stopped.get(patience, best["theta"]), *test) for patience in (10, 50)]
        f = network.objective(*(np.hstack(both) for both in zip(train, validation, strict=True)))
        marks: dict[int, float] = {}

        def mark(k: int, theta: np.ndarray, *_: object, at=(best["k"], *ALL), of=marks, pairs=test):
            if k in at:
                of[k] = network.E(theta, *pairs)

        gradient_descent(f, start, 0.02, max(ALL), rule=adam(), callback=mark)
        E += [marks[k] for k in (best["k"], *ALL)]
        yield draw, best["k"], *(f"{value:.4e}" for value in E)


STOPPED = ("test_best", "test_late", "test_10", "test_50", "all_k", *(f"all_{k}" for k in ALL))

TABLES = {
    "runs": ("sine_runs.csv", ("width", "rate", "seed", "steps", "E"), runs),
    "scales": ("sine_scales.csv", ("scale", "seed", "E"), scales),
    "two": ("sine_two.csv", ("scale", "adam", "seed", "E"), two_units),
    "batches": ("sine_batches.csv", ("size", "seed", "steps", "E"), batches),
    "stopping": (
        "sine_stopping.csv",
        ("draw", "k", *(f"train_{name}" for name in ("best", "late")), *STOPPED),
        stopping,
    ),
}


@threadpool_limits.wrap(limits=1)
def main() -> None:
    for name in sys.argv[1:] or TABLES:
        file, header, rows = TABLES[name]
        write(DATA / file, header, list(rows()))


if __name__ == "__main__":
    main()
