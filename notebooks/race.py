"""Chapter 3's races of the reader's own functions, timed where they run."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import numpy as np

from nnlib import identity, random_normal, sigmoid, unpack

N = (784, 300, 10)  # the network that reads digits
SIZES = (
    (96, 40),
    (200, 100),
    (784, 300),
    (2352, 900),
    (4704, 1800),
)  # of layers: inputs, nodes; the first fits into the fastest cache of most processors


def race(
    my_sums: Callable[..., Any],
    my_forward: Callable[..., Any],
    m: int = 100,
    guesses: Any = None,
) -> None:
    """Print how long the two functions would take for 60000 images, in three ways.

    Every way runs several times in short pieces, and the shortest times count: other
    programs can only make them longer. With threadpoolctl installed, one core does all the
    work, so that no thread waits for another that the system has stopped. A network with one
    node in each layer takes part, too: one by one, its time is that of the calls.

    Parameters
    ----------
    my_sums : callable
        Returns Z of one layer from W, b and A, by sums.
    my_forward : callable
        Returns the lists Z and A from W, b, g and X.
    m : int
        The number of images for `my_forward`; `my_sums` gets one.
    guesses : tuple of two numbers, optional
        The two factors that the reader expects. While they are dots, there is no race.
    """
    rng = np.random.default_rng(0)
    W, b = unpack(random_normal(N, rng, scale=0.2), N)
    g = [identity, sigmoid, identity]
    X = rng.random((N[0], m))

    def by_sums() -> Any:
        return my_sums(W[2], b[2], sigmoid(my_sums(W[1], b[1], X[:, :1])))

    one_by_one, all_at_once = ways(my_forward, W, b, g, X)
    nodes = (1, 1, 1)
    tiny = (*unpack(random_normal(nodes, rng, scale=0.2), nodes), g)
    calls, _ = ways(my_forward, *tiny, rng.random((1, m)))
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
    if guesses is not None and not two_numbers(guesses):
        print(
            "No race yet: put two numbers, your guesses, in place of the dots."
        )
        return
    hidden = sigmoid(my_sums(W[1], b[1], X[:, :1]))
    layers = ((W[1], b[1], X[:, :1]), (W[2], b[2], hidden))
    with one_thread():
        sums = sum(seconds_by_node(my_sums, *layer) for layer in layers)
        rounds = [
            [seconds(way) for way in (one_by_one, all_at_once, calls)]
            for _ in range(50)
        ]
    report(
        sums,
        *(min(times) / m for times in zip(*rounds, strict=True)),
        m=m,
        guesses=guesses,
    )


def race_by_size(my_forward: Callable[..., Any], m: int = 100) -> None:
    """Print what all at once gains over one by one, for layers of five sizes.

    The layers take turns, and the shortest times count, as in `race`. A layer with one node
    and one input takes turns with them: its time is that of the calls, and is subtracted.

    Parameters
    ----------
    my_forward : callable
        Returns the lists Z and A from W, b, g and X.
    m : int
        The number of inputs.
    """
    rng = np.random.default_rng(0)
    layers, repeats = [], []
    for n in ((1, 1), *SIZES):
        W, b = unpack(random_normal(n, rng, scale=0.2), n)
        X = np.asfortranarray(rng.random((n[0], m)))
        layers.append((W, b, [identity] * 2, X))
        repeats.append(min(36, SIZES[-1][0] * SIZES[-1][1] // W[1].size))
    turns = [ways(my_forward, *layer) for layer in layers]
    W, b, _, X = layers[1]
    right = W[1] @ X + b[1]
    try:
        agree = all(np.allclose(way(), right) for way in turns[1])
    except Exception:  # whatever an unfinished function does
        agree = False
    if not agree:
        print("No race yet: my_forward has to pass its check first.")
        return
    times: list[list[tuple[float, float]]] = [[] for _ in turns]
    with one_thread():
        for _ in range(7):
            for often, turn, runs in zip(repeats, turns, times, strict=True):
                runs += [
                    (seconds(turn[0]), seconds(turn[1])) for _ in range(often)
                ]
    calls, *best = [
        tuple(min(way) for way in zip(*runs, strict=True)) for runs in times
    ]
    for (inputs, nodes), both in zip(SIZES, best, strict=True):
        print(
            f"{inputs:4} input nodes, {nodes:4} nodes, {8 * inputs * nodes / 1e6:5.2f} MB of "
            f"weights: {gain(calls, both)}"
        )


def gain(calls: tuple[float, float], both: tuple[float, float]) -> str:
    """Return in words what all at once gains, from the seconds of the calls and of both ways.

    Where the calls take nearly all the time, their difference would say nothing.
    """
    single, together = (t - call for t, call in zip(both, calls, strict=True))
    if single < 0.05 * calls[0] or together < 0.05 * calls[1]:
        return "too short to time beside the calls"
    return f"{single / together:4.1f} times as fast"


def ways(
    my_forward: Callable[..., Any], W: Any, b: Any, g: Any, X: Any
) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return two functions that evaluate the columns of X: one by one, and all at once."""

    def one_by_one() -> Any:
        images = (X[:, c : c + 1] for c in range(X.shape[1]))
        return np.hstack(
            [my_forward(W, b, g, image)[1][-1] for image in images]
        )

    def all_at_once() -> Any:
        return my_forward(W, b, g, X)[1][-1]

    return one_by_one, all_at_once


def seconds_by_node(
    my_sums: Callable[..., Any], W_l: Any, b_l: Any, A: Any
) -> float:
    """Return how long my_sums takes for a layer: at best of three, node after node.

    A node is done so fast that other programs seldom come in between; a layer is not.
    """
    nodes = [slice(i, i + 1) for i in range(len(W_l))]
    return sum(
        min(seconds(partial(my_sums, W_l[i], b_l[i], A)) for _ in range(3))
        for i in nodes
    )


def two_numbers(guesses: Any) -> bool:
    """Return whether the guesses are two numbers."""
    return (
        isinstance(guesses, (tuple, list))
        and len(guesses) == 2
        and all(isinstance(guess, (int, float)) for guess in guesses)
    )


def report(
    sums: float,
    single: float,
    together: float,
    calls: float,
    m: int = 100,
    guesses: tuple[float, float] | None = None,
) -> None:
    """Print the seconds for 60000 images, the two factors, and what to do if one surprises.

    The times are seconds for one image; those of the calls are part of `single`. By sums
    one image was timed, and m in the other ways. Each factor is printed beside its guess, if
    there are guesses.
    """
    first, second = (
        [f" You guessed {guess:g}." for guess in guesses]
        if guesses
        else ("", "")
    )
    for name, time_of_one, timed in (
        ("by sums", sums, 1),
        ("one by one", single, m),
        ("all at once", together, m),
    ):
        print(
            f"{name:11}: {60000 * time_of_one:8.2f} seconds for 60000 images, "
            f"extrapolated from {timed}"
        )
    print(f"From sums to one by one: {sums / single:.0f} times as fast.{first}")
    print(
        f"From one by one to all at once: {single / together:.1f} times as fast.{second}"
    )
    print(
        f"An image takes {1e6 * single:.0f} microseconds one by one ({1e6 * calls:.0f} of them for "
        f"calls) and {1e6 * together:.0f} all at once."
    )
    if sums < 100 * single:
        print(
            "By sums should be hundreds of times slower than one by one. Does my_sums use\n"
            "NumPy's products or sums of whole arrays? Then it was these that we timed."
        )
    if single < 1.2 * together:
        print(
            "All at once should win clearly. NumPy may share its product among several\n"
            "cores, and if other programs keep these busy, its threads wait for each\n"
            "other. Close other programs and run the cell again. If that does not help,\n"
            "install threadpoolctl and restart the kernel: the race then uses one core."
        )


def one_thread() -> AbstractContextManager[Any]:
    """Keep the matrix products on one thread for a while, where threadpoolctl is installed."""
    try:
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        return nullcontext()
    return threadpool_limits(1)


def seconds(function: Callable[[], Any]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
