"""Record chapter 11's ladder: what each change to the series' network brings on MNIST.

    python -m scripts.record_digit_ladder           # the ladder
    python -m scripts.record_digit_ladder --final   # its best rung, on all training images

The ladder trains on the first 50000 training images and is judged on the other 10000, never on the
test images. A rung differs from the one before in one thing; its rate is the best of a few, by the
validation images, with one seed, and then it is trained from five seeds. Takes about half an hour
on two cores, each of which works on a training of its own, and writes
notebooks/data/digit_ladder.csv.

The rung with the most right answers to the validation images is then trained on all 60000 images
from five seeds, and its answers to the test images are counted, once. That takes about two minutes
and writes notebooks/data/digit_final.csv, with the seconds of each training on two cores, and the
parameters of the first seed, notebooks/data/digit_reader.npz.
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from nnlib import load_mnist
from scripts.ladder import SEEDS, best_rate, best_rung, ladder, recorded, right, train
from scripts.records import DATA, write


def judged(index: int, rate: float, seed: int) -> tuple:
    """Return a row of the table: a training on 50000 images, judged on 10000 others."""
    mnist, rung = load_mnist(DATA / "mnist", dtype=np.float32), ladder()[index]
    X, labels = mnist.X_train, mnist.labels_train
    network, theta = train(rung, rate, seed, X[:, :50000], labels[:50000])
    learned = right(network, theta, X[:, :50000], labels[:50000])
    validated = right(network, theta, X[:, 50000:], labels[50000:])
    row = (rung.name, rate, seed, learned, validated)
    print(*row, flush=True)
    return row


def climb() -> None:
    with ProcessPoolExecutor(2, initializer=threadpool_limits, initargs=(1,)) as pool:
        tried = [(k, rate) for k, rung in enumerate(ladder()) for rate in rung.rates]
        rows = list(pool.map(judged, *zip(*((*pair, 0) for pair in tried), strict=True)))
        jobs = [
            (k, best_rate(rows, rung.name), seed)
            for k, rung in enumerate(ladder())
            for seed in SEEDS[1:]
        ]
        rows += pool.map(judged, *zip(*jobs, strict=True))
    write(
        DATA / "digit_ladder.csv",
        ("rung", "rate", "seed", "right_of_50000", "right_of_10000"),
        rows,
    )


@threadpool_limits.wrap(limits=2)
def finish() -> None:
    rung, rate = best_rung(recorded())
    mnist, rows, thetas = load_mnist(DATA / "mnist", dtype=np.float32), [], []
    for seed in SEEDS:
        begin = time.perf_counter()
        network, theta = train(rung, rate, seed, mnist.X_train, mnist.labels_train)
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
    parser.add_argument("--final", action="store_true", help="train the best rung on all images")
    finish() if parser.parse_args().final else climb()
