"""Record chapter 11's ladder: what each change to the series' network brings on MNIST.

    python -m scripts.record_digit_ladder           # the ladder
    python -m scripts.record_digit_ladder --final   # the book's network, on all training images

The ladder trains on the first 50000 training images and is judged on the other 10000, never on the
test images. Rungs are the series' network with some changes. To choose the rate of each, it is
doubled and halved, with one seed, until the best rate has two worse ones on either side. Then 0.7
and 1.4 times the best are tried, and two more seeds decide between the two best rates. At the one
they choose, five other seeds train, and these are what chapter 11 reports. All this takes about an
hour and a half on one core; `--processes 2` works on two rungs at a time. Every training adds a
line to notebooks/data/digit_changes.csv, and one that has a line is not repeated, so the script can
be interrupted and started again.

The network of the book has all six changes, at a rate that the validation images cannot tell from
the best. It is trained on all 60000 images from five seeds, and its answers to the test images are
counted, once. That takes about two minutes and writes notebooks/data/digit_final.csv, with the
seconds of each training on two cores, and the parameters of the first seed,
notebooks/data/digit_reader.npz.
"""

import argparse
import csv
import time
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import repeat
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import load_mnist
from scripts.ladder import (
    FRESH,
    HEADER,
    READER,
    RECORD,
    best_rate,
    choose,
    first_rate,
    recorded,
    right,
    rung,
    rungs,
    train,
)
from scripts.records import DATA, write

LEARN = 50000  # of the training images; the others judge
images = lru_cache(lambda: load_mnist(DATA / "mnist", dtype=np.float32))


def judged(changes: tuple[str, ...], rate: float, seed: int) -> tuple[int, int]:
    """Return the right answers of a training, to the images it learned from and to the others."""
    X, labels = images().X_train, images().labels_train
    try:
        with np.errstate(all="ignore"):
            trained = train(rung(changes), rate, seed, X[:, :LEARN], labels[:LEARN])
    except FloatingPointError:  # the rate is so large that the training overflows
        return 0, 0
    learned = right(*trained, X[:, :LEARN], labels[:LEARN])
    return learned, right(*trained, X[:, LEARN:], labels[LEARN:])


def climb_to(changes: tuple[str, ...], path: Path) -> None:
    """Choose the rate of a rung, train at it from the fresh seeds, and add lines for both."""
    name = rung(changes).name
    known = {row[1:3]: row[3:] for row in recorded(path) if row[0] == name}

    def count(rate: float, seed: int) -> int:
        if (rate, seed) not in known:
            known[rate, seed] = judged(changes, rate, seed)
            row = (name, rate, seed, *known[rate, seed])
            with path.open("a", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow(row)
            print(*row, flush=True)
        return known[rate, seed][1]

    rate = choose(count, first_rate(changes))
    for seed in FRESH:
        count(rate, seed)


def climb(path: Path, processes: int) -> None:
    if not path.exists():
        write(path, HEADER, [])
    with ProcessPoolExecutor(processes, initializer=threadpool_limits, initargs=(1,)) as pool:
        list(pool.map(climb_to, rungs(), repeat(path)))
    order = [rung(changes).name for changes in rungs()]
    rows = sorted(set(recorded(path)), key=lambda row: (order.index(row[0]), row[2], row[1]))
    chosen = {name: best_rate(rows, name) for name in order}
    write(path, HEADER, [r for r in rows if r[2] not in FRESH or r[1] == chosen[r[0]]])


@threadpool_limits.wrap(limits=2)
def finish() -> None:
    (changes, rate), mnist, rows, thetas = READER, images(), [], []
    for seed in range(5):
        begin = time.perf_counter()
        network, theta = train(rung(changes), rate, seed, mnist.X_train, mnist.labels_train)
        seconds = time.perf_counter() - begin
        learned = right(network, theta, mnist.X_train, mnist.labels_train)
        tested = right(network, theta, mnist.X_test, mnist.labels_test)
        rows.append((seed, rate, f"{seconds:.1f}", learned, tested))
        print(*rows[-1], flush=True)
        thetas.append(theta)
    network.save(DATA / "digit_reader.npz", thetas[0])
    write(
        DATA / "digit_final.csv",
        ("seed", "rate", "seconds", "right_of_60000", "right_of_10000"),
        rows,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--final", action="store_true", help="train on all images")
    parser.add_argument("--processes", type=int, default=1, help="rungs to work on at a time")
    arguments = parser.parse_args()
    finish() if arguments.final else climb(RECORD, arguments.processes)
