"""Types that the modules share, and the checks their public functions make at the door."""

import os
from collections.abc import Sequence
from numbers import Real
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
Arrays: TypeAlias = Sequence[Array]
Pair: TypeAlias = tuple[list[Array], list[Array]]
Nodes: TypeAlias = Sequence[int]
Labels: TypeAlias = NDArray[np.integer[Any]]
Random: TypeAlias = np.random.Generator | np.random.RandomState

EMPTY: Array = np.empty((0, 0))
"""The placeholder at index 0 of W, b, Z, dW and db, which start at layer 1."""

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
# Scalars are arrays without axes. A matrix and a masked array have operators of their own.
ARRAY_TYPES = (np.ndarray, np.memmap, np.float32, np.float64)
# A function that is to take any array is tried on this one, which nobody can write to.
PROBE: Array = np.broadcast_to(0.5, (2, 3))
EXPECTED = "{} is {!r}; expected {}"


def require(fits: object, message: str, *came: object) -> None:
    """Raise a ValueError, its message filled in with what came, unless that fits."""
    if not fits:
        raise ValueError(message.format(*came))


def check_array(name: str, x: Any, *shape: int | str) -> None:
    """Refuse what is no plain float array, or not of a shape, in which letters stand for any."""
    if type(x) in ARRAY_TYPES and x.dtype in FLOATS and _fits(x.shape, shape):
        return
    require(type(x) in ARRAY_TYPES, "{} is a {}; expected a NumPy array", name, type(x).__name__)
    message = "{0} has dtype {1}; expected float32 or float64: {0}.astype(np.float64)?"
    require(x.dtype in FLOATS, message, name, x.dtype)
    hint = f": {name}.T?" if _fits(x.shape[::-1], shape) else ""
    hint = f": {name}.reshape(-1, 1)?" if _fits((*x.shape, 1), shape) else hint
    expected = str(shape).replace("'", "") if x.size else "at least one element"
    raise ValueError(f"{name} has shape {x.shape}; expected {expected}{hint}")


def check_like(name: str, x: Any, other: str, like: Array) -> None:
    """Refuse what has not the dtype and shape of another array, lest NumPy upcast or broadcast."""
    check_array(name, x, *like.shape)
    check_same_dtype(**{other: like, name: x})


def check_same_dtype(**arrays: Array) -> None:
    """Refuse arrays of different dtypes, which NumPy would upcast without a word."""
    if len({x.dtype for x in arrays.values()}) > 1:
        came = ", ".join(f"{name} {x.dtype}" for name, x in arrays.items())
        raise ValueError(f"dtypes are {came}; expected the same for all")


def check_finite(**arrays: Array) -> None:
    """Refuse NaN and infinity, where the answer might not show that they were there."""
    for name, x in arrays.items():
        require(np.isfinite(x).all(), "{} has NaN or infinity; expected finite numbers", name)


def check_lists(**lists: Any) -> None:
    """Refuse what are not lists of L + 1 entries, those of W, b and Z after a placeholder."""
    lengths = [len(x) if type(x) in (list, tuple, np.ndarray) else 0 for x in lists.values()]
    if len(set(lengths)) > 1 or lengths[0] < 2:
        expected = "L + 1 each, L >= 1, with a placeholder at index 0"
        raise ValueError(f"{', '.join(lists)} have {lengths} entries; expected {expected}")
    for name, x in lists.items():
        if name in "W b Z" and getattr(x[0], "size", None):
            raise ValueError(f"{name}[0] holds numbers; expected a placeholder before {name}[1]")
    for l, g_l in enumerate(lists.get("g", [])):
        require(l == 0 or hasattr(g_l, "dg"), "g[{}] is {!r}; expected an Activation", l, g_l)


def check_layers(W: Arrays, b: Arrays, **more: Sequence[object]) -> list[Array]:
    """Return W[1], b[1], ..., W[L], b[L], refusing weights and biases that make no network."""
    check_lists(W=W, b=b, **more)
    parts: dict[str, Array] = {}
    for l in range(1, len(W)):
        check_array(f"W[{l}]", W[l], f"n^{l}", "n^0" if l == 1 else len(W[l - 1]))
        check_array(f"b[{l}]", b[l], len(W[l]), 1)
        parts[f"W[{l}]"], parts[f"b[{l}]"] = W[l], b[l]
    check_same_dtype(**parts)
    return list(parts.values())


def check_nodes(n: Nodes) -> tuple[int, ...]:
    """Return n as a tuple of ints, refusing what is not (n^0, ..., n^L) with L >= 1."""
    nodes = n.tolist() if isinstance(n, np.ndarray) else n
    fits = isinstance(nodes, Sequence) and len(nodes) > 1 and all(_is_count(k, 1) for k in nodes)
    require(fits, EXPECTED, "n", n, "two or more positive integers (n^0, ..., n^L)")
    return tuple(int(k) for k in nodes)


def check_number(name: str, value: Any, expected: str = "a number") -> Any:
    """Return a real number, of Python or NumPy, as it is, refusing anything else."""
    require(_is_number(value), EXPECTED, name, value, expected)
    return value


def check_count(name: str, value: Any, least: int) -> int:
    """Return an integer that is at least `least`, refusing anything else."""
    require(_is_count(value, least), EXPECTED, name, value, f"an integer of at least {least}")
    return int(value)


def check_positive(name: str, value: Any) -> float:
    """Return a finite number above zero as a Python float, refusing anything else."""
    require(
        _is_number(value) and 0 < value < np.inf, EXPECTED, name, value, "a finite number above 0"
    )
    return float(value)


def check_fraction(name: str, value: Any) -> float:
    """Return a number in [0, 1) as a Python float, refusing anything else."""
    require(
        _is_number(value) and 0 <= value < 1, EXPECTED, name, value, "a number from 0 to below 1"
    )
    return float(value)


def check_functions(**functions: object) -> None:
    """Refuse what cannot be called."""
    for name, f in functions.items():
        require(callable(f), EXPECTED, name, f, "a function")


def check_dtype(dtype: DTypeLike) -> None:
    """Refuse what is not float32 or float64."""
    require(dtype in FLOATS, EXPECTED, "dtype", dtype, "float32 or float64")


def check_random(rng: object) -> None:
    """Refuse what is not one of NumPy's sources of randomness."""
    require(
        isinstance(rng, Random), EXPECTED, "rng", rng, "a generator: np.random.default_rng(seed)?"
    )


def check_path(name: str, path: str | os.PathLike[str]) -> Path:
    """Return a path, refusing anything else."""
    require(isinstance(path, str | os.PathLike), EXPECTED, name, path, "a path")
    return Path(path)


def _fits(came: tuple[int, ...], shape: tuple[int | str, ...]) -> bool:
    same = came == shape or (len(came) == len(shape) and all(map(_fit, came, shape)))
    return not shape or (same and 0 not in came)


def _fit(length: int, expected: int | str) -> bool:
    return length == expected or type(expected) is str


def _is_number(value: Any) -> bool:
    bits = value.bit_length() if isinstance(value, int) else 0  # too many for a float?
    return isinstance(value, Real) and not isinstance(value, bool) and bits < 1024


def _is_count(value: Any, least: int) -> bool:
    whole = type(value) is int or (_is_number(value) and float(value).is_integer())
    return whole and least <= int(value) < 2**63
