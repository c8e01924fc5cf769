"""Measure how fast nnlib is, beside its peers, and record it: benchmarks/results.

    python -m benchmarks.run                     # all parts
    python -m benchmarks.run epochs imports      # some of them

Run it on a machine that has nothing else to do, with the frameworks installed (make benchmarks does
both); contenders whose frameworks are missing are left out.
"""

import argparse
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from benchmarks import cost, epochs, imports, summary, training
from benchmarks.workers import THREADS, limit_threads
from nnlib import MNIST, load_mnist, one_hot
from scripts.records import DATA, write

PACKAGES = ("numpy", "scikit-learn", "torch", "tensorflow", "keras", "jax")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; by default, all")
    parser.add_argument("--rounds", type=int, default=9, help="how often to time an epoch")
    parser.add_argument("--only", nargs="*", default=epochs.installed(), help="contenders")
    parser.add_argument("--sizes", nargs="*", type=int, default=epochs.SIZES, help="of a batch")
    parser.add_argument("--results", type=Path, default=summary.RESULTS, help="where to record")
    arguments = parser.parse_args()
    arguments.results.mkdir(exist_ok=True)
    limit_threads()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no stopped worker is left
    for part in arguments.parts or PARTS:
        begin = time.perf_counter()
        PARTS[part](arguments)
        note(arguments.results, {})
        print(f"{part} took {time.perf_counter() - begin:.0f} s", flush=True)
    if arguments.results == summary.RESULTS and all(map(recorded, PARTS)):
        (summary.RESULTS / "README.md").write_text(summary.readme())


def recorded(part: str) -> bool:
    return (summary.RESULTS / f"{part}.csv").exists()


def digits() -> MNIST:
    return load_mnist(DATA / "mnist", dtype=np.float32)


def run_epochs(arguments: argparse.Namespace) -> None:
    mnist = digits()
    X, Y = mnist.X_train, one_hot(mnist.labels_train, dtype=np.float32)
    rows, pools = epochs.measure(
        arguments.only, X, Y, sizes=tuple(arguments.sizes), rounds=arguments.rounds
    )
    header = ("contender", "size", "round", "seconds", "difference")
    write(arguments.results / "epochs.csv", header, rows)
    note(arguments.results, {"pools": pools})


def run_training(arguments: argparse.Namespace) -> None:
    names = [name for name in ("nnlib", "pytorch") if name in arguments.only]
    header = ("contender", "recipe", "seed", "goal", "steps", "seconds", "right")
    write(arguments.results / "training.csv", header, training.measure(names))


def run_imports(arguments: argparse.Namespace) -> None:
    header = ("statement", "round", "seconds")
    write(arguments.results / "imports.csv", header, imports.measure())


def run_cost(arguments: argparse.Namespace) -> None:
    write(arguments.results / "cost.csv", ("varied", "value", "seconds", "peak"), cost.measure())


def note(results: Path, more: dict) -> None:
    """Record the machine and the versions, and what else there is to say."""
    path = results / "machine.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known |= {
        "date": time.strftime("%Y-%m-%d"),
        "processor": processor(),
        "processors": os.cpu_count(),
        "threads": THREADS,
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"Python": platform.python_version(), **versions()},
    }
    path.write_text(json.dumps(known | more, indent=1) + "\n")


def processor() -> str:
    """Return the processor's name: on Linux, as /proc/cpuinfo says it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "epochs": run_epochs,
    "training": run_training,
    "imports": run_imports,
    "cost": run_cost,
}

if __name__ == "__main__":
    main()
