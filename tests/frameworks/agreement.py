"""Run one network in every framework and measure how far they agree.

    python tests/frameworks/agreement.py    write it to agreement.csv

The scripts with_*.py build it, each in the ways of its framework and without
nnlib; the table is what the book shows of them.
"""

import csv
import importlib
import importlib.metadata
import re
import runpy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import nnlib

ROOT = Path(__file__).parents[2]
TABLE = Path(__file__).with_name("agreement.csv")
QUANTITIES = ("Outputs", "Error", "Gradient", "Ten steps")
HEADER = ("Framework", "Version", "Networks", *QUANTITIES)

# Frameworks, and the packages that their scripts need.
FRAMEWORKS = {
    "nnlib": ("nnlib-book",),
    "scikit-learn": ("scikit-learn",),
    "PyTorch": ("torch",),
    "Keras": ("keras", "tensorflow"),
    "JAX": ("jax",),
}
ACTIVATIONS = (
    "identity",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "softplus",
    "gelu",
)


@dataclass(frozen=True)
class Case:
    """A network with m pairs, drawn from the seed, and ten steps of descent."""

    n: tuple[int, ...]
    g: tuple[str, ...]
    error: str = "squared_error"
    m: int = 7
    spread: float = 1.0  # of the inputs
    classes: bool = True  # cross-entropy: is every target one-hot?
    rate: float = 0.1
    steps: int = 10
    seed: int = 0

    def __str__(self) -> str:
        n, g = "-".join(map(str, self.n)), "-".join(self.g)
        kind = "" if self.classes else "-soft"
        return f"{n}-{g}-{self.error}{kind}-m{self.m}-x{self.spread:g}"

    def arguments(self) -> tuple:
        """Return what a script's run takes; the arrays are read-only."""
        rng = np.random.default_rng(self.seed)
        theta = nnlib.glorot_normal(self.n, rng)
        theta += 0.1 * rng.standard_normal(len(theta))
        X = rng.standard_normal((self.n[0], self.m))
        X *= self.spread / np.sqrt(self.n[0])
        Y = self.targets(rng)
        for array in (theta, X, Y):
            array.flags.writeable = False
        W, b = nnlib.unpack(theta, self.n)
        g = ("identity", *self.g)
        return W, b, g, self.error, X, Y, self.rate, self.steps

    def targets(self, rng: np.random.Generator) -> np.ndarray:
        shape = self.n[-1], self.m
        if self.error == "squared_error":
            return rng.standard_normal(shape)
        if self.classes:
            labels = rng.integers(0, shape[0], self.m)
            return nnlib.one_hot(labels, shape[0], np.float64)
        Y = rng.uniform(0.1, 1, shape)
        return Y / Y.sum(axis=0)


class Example(Case):
    """THE example of the book, of notebooks/example.py."""

    def arguments(self) -> tuple:
        example = runpy.run_path(str(ROOT / "notebooks" / "example.py"))
        W, b, X, Y = (example[name] for name in ("W", "b", "X", "Y"))
        g = tuple(g_l.name for g_l in example["g"])
        return W, b, g, self.error, X, Y, self.rate, self.steps


def cases() -> Iterator[Case]:
    """Yield THE example, then every activation, then every architecture."""
    yield Example((2, 2, 1), ("sigmoid", "identity"), m=3)
    for g in ACTIVATIONS:
        yield Case((3, 5, 4, 2), (g, g, "identity"))
        yield Case((3, 5, 4, 3), (g, g, "identity"), "softmax_cross_entropy")
        yield Case((3, 5, 2), (g, "identity"), spread=60, rate=1e-4)
        yield Case((3, 4, 2), ("tanh", g))
    for n in [(1, 1), (4, 1), (4, 3), (1, 20, 1), (2, 1, 1, 1, 1, 2)]:
        yield Case(n, ("tanh",) * (len(n) - 2) + ("identity",))
    yield Case((3,) * 12, ("tanh",) * 10 + ("identity",), m=20)
    yield Case((4, 3), ("identity",), "softmax_cross_entropy")
    for error in ("squared_error", "softmax_cross_entropy"):
        yield Case((3, 5, 4), ("tanh", "identity"), error, m=1)
        yield Case((784, 30, 10), ("sigmoid", "identity"), error, m=50)
        yield Case((784, 30, 10), ("relu", "identity"), error, m=1001)
    yield Case((3, 4, 5, 2), ("relu", "sigmoid", "gelu"))
    yield Case(
        (3, 5, 4), ("tanh", "identity"), "softmax_cross_entropy", classes=False
    )
    yield Case((3, 5, 2), ("tanh", "identity"), "softmax_cross_entropy")


def can(framework: str, case: Case) -> bool:
    """Return whether the framework has such a network; all but one have all."""
    if framework != "scikit-learn":
        return True
    *hidden, last = case.g
    has = {"identity", "sigmoid", "tanh", "relu"}
    layers = last == "identity" and len(set(hidden)) <= 1 and set(hidden) <= has
    # Two classes get one output and the sigmoid, not two and the softmax.
    return layers and (
        case.error == "squared_error" or (case.classes and case.n[-1] > 2)
    )


def script(framework: str):
    """Import the script of a framework."""
    name = framework.lower().replace("-", "_")
    return importlib.import_module(f"with_{name}")


@cache
def run(framework: str, case: Case) -> tuple:
    """Return outputs, error, gradient and theta after the steps."""
    return script(framework).run(*case.arguments())


def differences(case: Case, first: str, second: str) -> list[float]:
    """Return the relative differences, in norm, of all that two compute."""
    results = {name: list(run(name, case)) for name in (first, second)}
    if case.error == "softmax_cross_entropy" and "scikit-learn" in results:
        for name in set(results) - {
            "scikit-learn"
        }:  # which gives probabilities
            results[name][0] = nnlib.softmax(np.asarray(results[name][0]))
    return [relative(u, v) for u, v in zip(*results.values(), strict=True)]


def relative(u, v) -> float:
    u, v = np.asarray(u), np.asarray(v)
    assert u.shape == v.shape
    assert u.dtype == v.dtype == np.float64
    assert np.all(np.isfinite(v))
    return float(np.linalg.norm(u - v) / np.linalg.norm(v))


def measure(framework: str) -> list:
    """Return the framework's line of the table: the largest differences."""
    shared = [case for case in cases() if can(framework, case)]
    found = [differences(case, framework, "nnlib") for case in shared]
    largest = [f"{most:.1e}" for most in np.max(found, axis=0)]
    return [framework, versions(framework), len(shared), *largest]


def is_installed(framework: str) -> bool:
    try:
        return bool(versions(framework))
    except importlib.metadata.PackageNotFoundError:
        return False


def versions(framework: str) -> str:
    """Return the versions of the framework's packages that are installed."""
    package, *others = FRAMEWORKS[framework]
    texts = [importlib.metadata.version(package)]
    texts += [f"{name} {importlib.metadata.version(name)}" for name in others]
    return re.sub(r"\+\w+", "", ", ".join(texts))  # +cpu: how it was built


def main() -> None:
    rows = [measure(name) for name in FRAMEWORKS if name != "nnlib"]
    with TABLE.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *rows])
    print(TABLE.read_text())


if __name__ == "__main__":
    main()
