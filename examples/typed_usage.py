"""The library under a strict type checker: a network of one's own.

python examples/typed_usage.py
mypy --strict examples/typed_usage.py
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnlib import (
    Activation,
    Network,
    check_gradient,
    gradient_descent,
    identity,
    random_normal,
)

Floats = NDArray[np.floating[Any]]
Objective = Callable[..., tuple[float, Floats]]

arctan = Activation("arctan", np.arctan, lambda Z, A: 1 / (1 + Z**2))


def clipped_step(
    f: Objective,
    x: Floats,
    value: float,
    gradient: Floats,
    rate: float,
    state: object,
) -> tuple[Floats, None]:
    """Step rule: gradient descent with steps of length 1 at most."""
    step = rate * gradient
    return x - step / max(1.0, float(np.linalg.norm(step))), None


class History:
    """A callback that keeps the errors and stops at a small enough one."""

    def __init__(self, enough: float) -> None:
        self.enough = enough
        self.errors: list[float] = []

    def __call__(
        self, k: int, theta: Floats, E: float, gradient: Floats
    ) -> None:
        self.errors.append(E)
        if self.enough > E:
            raise StopIteration


def main() -> None:
    X: Floats = np.linspace(-5, 5, 100).reshape(1, -1)
    Y: Floats = np.sin(X)
    network = Network((1, 20, 1), (arctan, identity))
    E = network.objective(X, Y)
    theta = random_normal(network.n, np.random.default_rng(0), scale=2)
    right: bool = check_gradient(E, theta) < 1e-6

    history = History(enough=0.01)
    theta = gradient_descent(
        E, theta, 0.05, 20_000, rule=clipped_step, callback=history
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sine.npz"
        network.save(path, theta)
        same = bool(np.array_equal(network.load(path), theta))

    print(f"the gradient is that of differences: {right}")
    print(f"the error came below 0.01: {history.errors[-1] < 0.01}")
    print(f"parameters, saved and loaded, are the same: {same}")


if __name__ == "__main__":
    main()
