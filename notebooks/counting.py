"""Numbers that keep a tally of what is done to them, to count operations."""

from collections.abc import Callable

import numpy as np


class Counted:
    """A number; the class counts the products and sums of all its numbers."""

    multiplications = 0
    additions = 0

    def __init__(self, value: float) -> None:
        self.value = value

    def __mul__(self, other: "Counted") -> "Counted":
        require_counted(other)
        Counted.multiplications += 1
        return Counted(self.value * other.value)

    def __add__(self, other: "Counted") -> "Counted":
        require_counted(other)
        Counted.additions += 1
        return Counted(self.value + other.value)

    def __radd__(self, zero: int) -> "Counted":
        """Let the built-in sum start with its 0, which is no operation."""
        return self


def require_counted(number: object) -> None:
    """Raise TypeError, with what to do about it, unless the number is Counted."""
    if not isinstance(number, Counted):
        raise TypeError(
            f"a Counted number met the {type(number).__name__} {number}. All "
            "numbers have to be Counted: for an array, write counted(array)."
        )


counted = np.vectorize(Counted, otypes=[object])


def tally(
    function: Callable[..., object], *arguments: object
) -> tuple[int, int]:
    """Return how many products and how many sums of Counted numbers a call takes."""
    Counted.multiplications = Counted.additions = 0
    function(*arguments)
    return Counted.multiplications, Counted.additions
