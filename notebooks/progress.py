"""A progress bar for trainings that take longer than two seconds, for a person who waits."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Callback = Callable[[int, Any, float, Any], object]


def somebody_watches() -> bool:
    """Return whether a person, and not a program, runs this code.

    With every cell, a front end tells the kernel whether its user could be asked for input.
    JupyterLab and its like say yes. Programs that execute notebooks, such as nbclient (and with
    it the book) and nbval, say no. Where nothing is said, nobody watches.
    """
    kernel = _kernel()
    if kernel is None:
        return sys.stdout.isatty()
    try:
        return kernel.get_parent()["content"]["allow_stdin"] is True
    except (AttributeError, LookupError, TypeError):
        return False


@contextmanager
def progress(
    steps: int, callback: Callback | None = None
) -> Iterator[Callback | None]:
    """Give the callback of a descent, with a bar drawn beside it if somebody watches.

    However the descent ends, the bar is gone afterward; in a notebook, so is whatever the cell
    printed before.

    Parameters
    ----------
    steps : int
        The number of steps that `nnlib.gradient_descent` is asked for.
    callback : callable, optional
        What it should call at every point.

    Yields
    ------
    callable or None
        `callback` itself if nobody watches, so that recorded outputs have no trace of a bar.
    """
    if not somebody_watches():
        yield callback
        return
    bar = _Bar(steps, callback)
    try:
        yield bar
    finally:
        bar.erase()


class _Bar:
    def __init__(self, steps: int, callback: Callback | None) -> None:
        self.steps, self.callback = steps, callback
        self.start = self.drawn = None
        self.width = 0

    def __call__(self, k: int, x: Any, value: float, gradient: Any) -> None:
        now = time.monotonic()
        if self.start is None:
            self.start = now
        if now - self.start > 2 and (
            self.drawn is None or now - self.drawn > 0.2
        ):
            text = self.text(k)
            print("\r" + text, end="", flush=True)
            self.drawn, self.width = now, max(self.width, len(text))
        if self.callback is not None:
            self.callback(k, x, value, gradient)

    def text(self, k: int) -> str:
        done = min(40, 40 * k // self.steps)
        return (
            f"|{'=' * done:40}| step {k:{len(str(self.steps))}} of {self.steps}"
        )

    def erase(self) -> None:
        if self.drawn is None:
            return
        if _kernel() is None:
            print("\r" + " " * self.width + "\r", end="", flush=True)
        else:
            sys.modules["IPython"].display.clear_output()


def _kernel() -> Any:
    ipython = sys.modules.get("IPython")
    return getattr(ipython and ipython.get_ipython(), "kernel", None)
