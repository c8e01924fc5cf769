"""Record the series' training of 784-300-10 on MNIST: E and right answers every 10 iterations.

    python -m scripts.record_mnist_run [--iterations 10000] [--every 10]

Full-batch gradient descent in float64 takes between half a second and a second and a half an
iteration on two cores, so one to four hours in all. Every 100 iterations the run keeps its state in
scripts/checkpoint/, and it goes on from there when it is started again. When it is done, the record
becomes notebooks/data/mnist_series_run.csv and the checkpoint is removed.
"""

import argparse
import csv
import shutil
from pathlib import Path

import numpy as np

from nnlib import (
    Network,
    accuracy,
    gradient_descent,
    identity,
    load_mnist,
    one_hot,
    random_normal,
    sigmoid,
)
from scripts.records import write

ROOT = Path(__file__).parent.parent
RECORD = ROOT / "notebooks" / "data" / "mnist_series_run.csv"
CHECKPOINT = Path(__file__).parent / "checkpoint" / "theta.npz"
ROWS = CHECKPOINT.with_name("rows.csv")
HEADER = ("iteration", "error", "right_of_10000")
RATE = 0.03


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=10000)
    parser.add_argument("--every", type=int, default=10)
    arguments = parser.parse_args()

    mnist = load_mnist(ROOT / "notebooks" / "data" / "mnist", dtype=np.float64)
    network = Network((784, 300, 10), (sigmoid, identity))
    E = network.objective(mnist.X_train, one_hot(mnist.labels_train, dtype=np.float64))
    start, theta, rows = resume(network)

    def record(k: int, theta: np.ndarray, value: float, gradient: np.ndarray) -> None:
        k += start
        if k % arguments.every == 0:
            share = accuracy(network(theta, mnist.X_test), mnist.labels_test)
            rows.append((k, f"{value:.11f}", round(share * len(mnist.labels_test))))
            print(*rows[-1], flush=True)
        if k % 100 == 0 and k > start:
            write(ROWS, HEADER, rows)
            network.save(CHECKPOINT, theta)

    gradient_descent(E, theta, RATE, arguments.iterations - start, callback=record)
    write(RECORD, HEADER, rows)
    shutil.rmtree(CHECKPOINT.parent)


def resume(network: Network) -> tuple[int, np.ndarray, list[tuple[int, str, int]]]:
    """Return iteration, theta and rows of the checkpoint, or those of the start."""
    CHECKPOINT.parent.mkdir(exist_ok=True)
    if not CHECKPOINT.exists():
        theta = random_normal(network.n, np.random.RandomState(1), scale=0.2)
        return 0, theta, []
    with ROWS.open() as file:
        rows = [(int(k), value, int(right)) for k, value, right in list(csv.reader(file))[1:]]
    return rows[-1][0], network.load(CHECKPOINT), rows[:-1]


if __name__ == "__main__":
    main()
