"""Types that the modules share, and the checks their public functions make at the door."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Arrays: TypeAlias = Sequence[Array]
Nodes: TypeAlias = Sequence[int]
Labels: TypeAlias = NDArray[np.integer[Any]]
Random: TypeAlias = np.random.Generator | np.random.RandomState

EMPTY: Array = np.empty((0, 0))
"""The placeholder at index 0 of W, b, Z, dW and db, which start at layer 1."""


def check_array(name: str, x: object, axes: int) -> None:
    """Refuse what is not a float32 or float64 array with `axes` axes."""
    if not isinstance(x, np.ndarray):
        raise ValueError(f"{name} is a {type(x).__name__}; expected a NumPy array")
    if x.dtype not in (np.float32, np.float64):
        hint = f"{name}.astype(np.float64)?"
        raise ValueError(f"{name} has dtype {x.dtype}; expected float32 or float64: {hint}")
    if x.ndim != axes:
        hint = f": {name}.reshape(-1, 1)?" if (x.ndim, axes) == (1, 2) else ""
        raise ValueError(f"{name} has shape {x.shape}; expected {axes} axes{hint}")


def check_same_dtype(**arrays: Array) -> None:
    """Refuse arrays of different dtypes, which NumPy would upcast without a word."""
    if len({x.dtype for x in arrays.values()}) > 1:
        came = ", ".join(f"{name} {x.dtype}" for name, x in arrays.items())
        raise ValueError(f"dtypes are {came}; expected the same for all")


def check_columns(name: str, x: object, rows: int) -> None:
    """Refuse what is not a float array of `rows` rows and at least one column."""
    check_array(name, x, 2)
    assert isinstance(x, np.ndarray)
    if x.shape[0] != rows:
        hint = "one column per input" + (f": {name}.T?" if x.shape[1] == rows else "")
        raise ValueError(f"{name} has shape {x.shape}; expected {rows} rows, {hint}")
    if x.shape[1] == 0:
        raise ValueError(f"{name} has shape {x.shape}; expected at least one column")


def check_same_shape(**arrays: Array) -> None:
    """Refuse arrays of different shapes, which NumPy might broadcast without a word."""
    if len({x.shape for x in arrays.values()}) > 1:
        came = ", ".join(f"{name} {x.shape}" for name, x in arrays.items())
        raise ValueError(f"shapes are {came}; expected the same for all")


def check_layers(W: Sequence[Array], b: Sequence[Array], g: Sequence[object]) -> None:
    """Refuse weights, biases and activation functions that do not make a network."""
    if not len(W) == len(b) == len(g) or len(W) < 2:
        raise ValueError(
            f"W, b and g have {len(W)}, {len(b)} and {len(g)} entries; expected L + 1 each, "
            "L >= 1, with a placeholder at index 0"
        )
    for l in range(1, len(W)):
        check_array(f"W[{l}]", W[l], 2)
        rows, columns = W[l].shape
        if l > 1 and columns != W[l - 1].shape[0]:
            expected = f"{W[l - 1].shape[0]} columns, one for each node of layer {l - 1}"
            raise ValueError(f"W[{l}] has shape {W[l].shape}; expected {expected}")
        check_array(f"b[{l}]", b[l], 2)
        if b[l].shape != (rows, 1):
            raise ValueError(f"b[{l}] has shape {b[l].shape}; expected {(rows, 1)}")
        check_same_dtype(**{"W[1]": W[1], f"W[{l}]": W[l], f"b[{l}]": b[l]})


def check_nodes(n: Nodes) -> tuple[int, ...]:
    """Return n as a tuple of ints, refusing what is not (n^0, ..., n^L) with L >= 1."""
    if len(n) < 2 or any(int(k) != k or k < 1 for k in n):
        raise ValueError(f"n is {n!r}; expected two or more positive integers (n^0, ..., n^L)")
    return tuple(int(k) for k in n)


def check_count(name: str, value: int, least: int) -> int:
    """Return an integer that is at least `least`, refusing anything else."""
    if isinstance(value, bool) or value % 1 != 0 or value < least:
        raise ValueError(f"{name} is {value!r}; expected an integer of at least {least}")
    return int(value)


def check_positive(name: str, value: float) -> float:
    """Return a finite number above zero as a Python float, refusing anything else."""
    if np.ndim(value) != 0 or not 0 < value < np.inf:
        raise ValueError(f"{name} is {value!r}; expected a finite number above 0")
    return float(value)
