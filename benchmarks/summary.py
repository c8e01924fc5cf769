"""What the recorded measurements say, in tables and sentences, for the README and the book."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeAlias

import numpy as np

from nnlib import line

RESULTS = Path(__file__).parent / "results"
NAMES = {
    "nnlib": "nnlib",
    "scikit_learn": "scikit-learn",
    "pytorch": "PyTorch",
    "tensorflow": "TensorFlow",
    "jax": "JAX",
    "products": "products alone",
}
PREDICTED = {"m": 1, "n": 2, "L": 1}
Table: TypeAlias = tuple[list[str], list[list[str]]]


def read(name: str) -> list[dict[str, str]]:
    """Return the rows of a recorded table."""
    with (RESULTS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def medians(name: str, *keys: str) -> dict[tuple[str, ...], float]:
    """Return the median of the seconds for every combination of the keys, in their order."""
    times: dict[tuple[str, ...], list[float]] = {}
    for row in read(name):
        times.setdefault(tuple(row[key] for key in keys), []).append(float(row["seconds"]))
    return {key: median(seconds) for key, seconds in times.items()}


# Epochs


def epochs() -> dict[str, dict[int, float]]:
    """Return the seconds of an epoch by contender and size of a batch."""
    found: dict[str, dict[int, float]] = {}
    for (name, size), seconds in medians("epochs", "contender", "size").items():
        found.setdefault(name, {})[int(size)] = seconds
    return found


def epoch_table() -> Table:
    found = epochs()
    sizes = list(found["nnlib"])
    header = ["Batches of", *(whole(size) for size in sizes)]
    rows = [
        [NAMES[name], *(f"{times[k]:.2f} ({times[k] / found['nnlib'][k]:.2f})" for k in sizes)]
        for name, times in found.items()
    ]
    return header, rows


def describe_epochs() -> str:
    found = epochs()
    sizes = list(found["nnlib"])
    parts = [
        f"{NAMES[name]} from {times[sizes[0]]:.2f} s to {times[sizes[-1]]:.2f} s"
        for name, times in found.items()
    ]
    return (
        f"Seconds of an epoch against the size of a batch, both axes logarithmic, one line for "
        f"each contender. At batches of {sizes[0]} and of {whole(sizes[-1])}: "
        + "; ".join(parts)
        + "."
    )


# Cost and memory


def costs(varied: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of m, n or L, and the seconds of a gradient."""
    rows = [row for row in read("cost") if row["varied"] == varied]
    values, seconds = ([float(row[key]) for row in rows] for key in ("value", "seconds"))
    return np.array(values), np.array(seconds)


def fit(varied: str) -> tuple[float, float]:
    """Return slope and height of log seconds against log value, over the last decade."""
    values, seconds = costs(varied)
    last = values >= values[-1] / 10
    return line(np.log10(values[last]), np.log10(seconds[last]))


def slope_table() -> Table:
    rows = []
    for varied, predicted in PREDICTED.items():
        values, _ = costs(varied)
        decade = f"{whole(values[-1] / 10)} to {whole(values[-1])}"
        rows.append([f"${varied}$", decade, f"{fit(varied)[0]:.2f}", str(predicted)])
    return ["Against", "From", "Slope", "By the count of operations"], rows


def describe_cost() -> str:
    slopes = [f"{fit(varied)[0]:.2f} against {varied}" for varied in PREDICTED]
    return (
        "Three panels with logarithmic axes: seconds of a gradient against the number m of "
        "columns, the number n of nodes in a layer, and the number L of layers. Each curve ends "
        f"along a dashed line, with slope {', '.join(slopes)}."
    )


def memory_table() -> Table:
    rows = [row for row in read("cost") if row["varied"] == "m"]
    cells = [[whole(float(r["value"])), f"{int(r['peak']) / 2**20:.1f}"] for r in rows]
    return ["Columns $m$", "Peak in MiB"], cells


# Trainings and imports


def training_table() -> Table:
    times = medians("training", "recipe", "goal", "contender")
    rows = []
    for recipe, goal in dict.fromkeys(key[:2] for key in times):
        cells = [times.get((recipe, goal, name)) for name in ("nnlib", "pytorch")]
        shown = ["not reached" if cell is None else f"{cell:.2f}" for cell in cells]
        rows.append([recipe, f"{int(goal) / 100:g} %", *shown])
    return ["Recipe", "Test images", "nnlib", "PyTorch"], rows


def import_table() -> Table:
    times = medians("imports", "statement")
    nothing = times["pass",]
    rows = [
        [f"`{code}`", f"{1000 * seconds:.0f}", f"{1000 * (seconds - nothing):.0f}"]
        for (code,), seconds in times.items()
    ]
    return ["Statement", "ms in all", "ms beyond `pass`"], rows


# What they are shown in

TABLES: dict[str, Callable[[], Table]] = {
    "epochs": epoch_table,
    "training": training_table,
    "cost": slope_table,
    "memory": memory_table,
    "imports": import_table,
}
DESCRIPTIONS = {"speed-epochs": describe_epochs, "speed-cost": describe_cost}


def table(name: str) -> list[str]:
    """Return a table in Markdown, line by line."""
    header, rows = TABLES[name]()
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def machine() -> str:
    """Return in a sentence on what, and with what, was measured."""
    known = json.loads((RESULTS / "machine.json").read_text())
    versions = ", ".join(f"{name} {version}" for name, version in known["versions"].items())
    pools = {pool for pools in known.get("pools", {}).values() for pool in pools}
    blas = "; ".join(sorted(pool for pool in pools if "openblas" in pool.lower()))
    return (
        f"Measured on {known['date']} on an {known['processor']} with {known['processors']} "
        f"processors, {known['system']}, {known['threads']} threads for everyone, with {versions}. "
        f"The BLAS of NumPy and SciPy: {blas}."
    )


def spread() -> str:
    """Return in a sentence how far the rounds of one contender differ."""
    times: dict[tuple[str, str], list[float]] = {}
    for row in read("epochs"):
        times.setdefault((row["contender"], row["size"]), []).append(float(row["seconds"]))
    quarters = [np.quantile(seconds, [0.25, 0.5, 0.75]) for seconds in times.values()]
    share = median((high - low) / middle for low, middle, high in quarters)
    rounds = {len(seconds) for seconds in times.values()}
    return (
        f"There were {max(rounds)} rounds. For half of the entries of the table, the middle half "
        f"of them spans {100 * share:.0f} % of their median, or less, so a ratio near 1 says no "
        "more than that two are about equal."
    )


SENTENCES = {"machine": machine, "spread": spread}


def whole(value: float) -> str:
    return f"{value:.0f}"


def readme() -> str:
    titles = {
        "epochs": "Seconds of an epoch (and ratio to nnlib), the median over rounds",
        "training": "Seconds until so many test images are read right",
        "cost": "Slope of the seconds of a gradient in the last decade",
        "memory": "Peak memory of a gradient beyond theta, X and Y",
        "imports": "Time to start Python, import and end, the median",
    }
    parts = ["# Results", "Written by `make benchmarks`; do not edit.", machine()]
    for name, title in titles.items():
        parts += [f"## {title}", "\n".join(table(name))]
    return "\n\n".join(parts) + "\n"
