"""Record what chapter 9 shows of width, rate and seed: the sine experiment in a hundred variants.

    python -m scripts.record_sine_runs

Takes about five minutes on one core and writes notebooks/data/sine_runs.csv: the error E of a
1-width-1 network on the 100 points of the series after so many steps of gradient descent, for every
width at the rate 0.1 and for every rate at the width 20, from ten starts each. "inf" stands for a
descent that ended in an overflow.
"""

from collections.abc import Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import Network, gradient_descent, identity, random_normal, sigmoid
from scripts.records import DATA, write

WIDTHS = (2, 5, 10, 20, 50, 100)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0)
SEEDS = range(10)
STEPS = (1000, 2000, 5000, 10000, 20000)

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


@threadpool_limits.wrap(limits=1)
def main() -> None:
    rows = list(runs())
    write(DATA / "sine_runs.csv", ("width", "rate", "seed", "steps", "E"), rows)


if __name__ == "__main__":
    main()
