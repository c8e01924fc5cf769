"""Chapter 3's race between the reader's own functions, timed where they run."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import identity, random_normal, sigmoid, unpack

N = (784, 300, 10)  # the network that reads digits


def race(
    my_sums: Callable[..., Any], my_forward: Callable[..., Any], m: int = 1000
) -> None:
    """Print how long the two functions take for an image, in three ways.

    Parameters
    ----------
    my_sums : callable
        Returns Z of one layer from W, b and A, by sums.
    my_forward : callable
        Returns the lists Z and A from W, b, g and X.
    m : int
        The number of images for `my_forward`; `my_sums` gets one.
    """
    rng = np.random.default_rng(0)
    W, b = unpack(random_normal(N, rng, scale=0.2), N)
    g = [identity, sigmoid, identity]
    X = rng.random((N[0], m))

    def by_sums() -> Any:
        return my_sums(W[2], b[2], sigmoid(my_sums(W[1], b[1], X[:, :1])))

    def one_by_one() -> Any:
        images = (X[:, c : c + 1] for c in range(m))
        return np.hstack([my_forward(W, b, g, image)[1][2] for image in images])

    def all_at_once() -> Any:
        return my_forward(W, b, g, X)[1][2]

    try:
        A = all_at_once()
        agree = np.allclose(one_by_one(), A) and np.allclose(
            by_sums(), A[:, :1]
        )
    except Exception:  # whatever an unfinished function does
        agree = False
    if not agree:
        print(
            "No race yet: my_sums and my_forward have to pass their checks first."
        )
        return
    ways = (
        ("by sums", by_sums, 1),
        ("one by one", one_by_one, m),
        ("all at once", all_at_once, m),
    )
    for name, way, images in ways:
        print(
            f"{name:11}: {1e6 * seconds(way) / images:9.0f} microseconds for an image"
        )


def seconds(function: Callable[[], Any], times: int = 3) -> float:
    """Return how long a call takes, at best of a few."""
    measured = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        measured.append(time.perf_counter() - start)
    return min(measured)
