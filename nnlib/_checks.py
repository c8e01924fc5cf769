"""Types that the modules share, and the checks of arguments at the start of public functions."""

import os
from collections.abc import Callable, Sequence
from numbers import Real
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
# An entry for each layer l = 0, ..., L. Entry 0 of W, b and Z is a placeholder: None or EMPTY.
Arrays: TypeAlias = Sequence[Any]
Pair: TypeAlias = tuple[list[Array], list[Array]]
Nodes: TypeAlias = Sequence[int]
Labels: TypeAlias = NDArray[np.integer[Any]]
Random: TypeAlias = np.random.Generator | np.random.RandomState

EMPTY: Array = np.empty((0, 0))
"""The placeholder at index 0 of W, b, Z, dW and db, which start at layer 1."""

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def require(condition: object, message: str, *details: object) -> None:
    """Raise ValueError unless the condition holds. The message is a format for the details."""
    if not condition:
        raise ValueError(message.format(*details))


def require_argument(condition: object, name: str, value: object, expected: str) -> None:
    """Raise ValueError unless the condition holds, naming the argument and what was expected."""
    require(condition, "{} is {!r}; expected {}", name, value, expected)


# Arrays


_TRIED: dict[type, bool] = {}
"""Kinds of arrays from other libraries, and whether they behave like NumPy's."""


def is_array(x: object) -> bool:
    """Return whether x is a NumPy array or scalar, or an array that NumPy's functions dispatch to.

    Subclasses of NumPy's array, such as masked arrays and matrices, have operators of their own
    and do not count.
    """
    kind = type(x)
    if kind in (np.ndarray, np.memmap, np.float32, np.float64):
        return True
    if issubclass(kind, np.ndarray | np.generic):
        return False
    if not (hasattr(kind, "__array_ufunc__") and hasattr(kind, "__array_function__")):
        return False
    if kind not in _TRIED:
        _TRIED[kind] = _has_writable_views(x)
    return _TRIED[kind]


def _has_writable_views(x: Any) -> bool:
    """Try whether a view of a new array like x, given as `out`, writes into the whole array."""
    try:
        whole = np.zeros_like(x, shape=(4,), dtype=np.float64)
        part = whole[1:3].reshape(2, 1)
        np.add(part, 1, out=part)
        return type(whole) is type(x) and float(np.sum(whole)) == 2
    except Exception:  # whatever another library raises where it differs
        return False


def check_array(name: str, x: Any, *shape: int | str) -> None:
    """Raise ValueError unless x is a float array of this shape; a letter stands for any length.

    Without a shape, an array of any shape will do.
    """
    require(is_array(x), "{} is a {}; expected a NumPy array", name, type(x).__name__)
    message = "{0} has dtype {1}; expected float32 or float64: {0}.astype(np.float64)?"
    require(x.dtype in _FLOATS, message, name, x.dtype)
    if not shape:
        return
    require(x.size > 0, "{} has shape {}; expected at least one element", name, x.shape)
    if _fits(x.shape, shape):
        return
    hint = ""
    if _fits((*x.shape, 1), shape):
        hint = f": {name}.reshape(-1, 1)?"
    elif _fits(x.shape[::-1], shape):
        hint = f": {name}.T?"
    expected = str(shape).replace("'", "")  # (n^1, 3) and not ('n^1', 3)
    raise ValueError(f"{name} has shape {x.shape}; expected {expected}{hint}")


def _fits(shape: tuple[int, ...], expected: tuple[int | str, ...]) -> bool:
    """Return whether a shape is the expected one, in which a letter stands for any length."""
    if len(shape) != len(expected):
        return False
    for k, e in zip(shape, expected, strict=True):
        if e != k and not isinstance(e, str):
            return False
    return True


def check_like(name: str, x: Any, other: str, like: Array) -> None:
    """Raise ValueError unless x has the kind, dtype and shape of another array."""
    if type(x) is type(like) and x.dtype == like.dtype and x.shape == like.shape and x.size > 0:
        return  # the usual case, which is checked at every step of a descent
    check_array(name, x, *like.shape)
    check_same_kind(**{other: like, name: x})


def check_same_kind(**arrays: Array) -> None:
    """Raise ValueError unless all arrays have one dtype and come from one library.

    NumPy would convert a mixture of dtypes without a word.
    """
    if len({x.dtype for x in arrays.values()}) > 1:
        found = ", ".join(f"{name} {x.dtype}" for name, x in arrays.items())
        raise ValueError(f"dtypes are {found}; expected the same for all")
    if len({type(x) for x in arrays.values()}) == 1:
        return
    if len({_library_type(x) for x in arrays.values()}) > 1:
        types = {name: _library_type(x) for name, x in arrays.items()}
        found = ", ".join(f"{name} {t.__module__}.{t.__qualname__}" for name, t in types.items())
        raise ValueError(f"arrays are {found}; expected all from the same library")


def _library_type(x: Array) -> type:
    """Return the kind of an array: NumPy's scalars and memory maps count as NumPy's arrays."""
    return np.ndarray if isinstance(x, np.ndarray | np.generic) else type(x)


def check_finite(**arrays: Array) -> None:
    """Raise ValueError if an array has NaN or infinity, which the result might not show."""
    for name, x in arrays.items():
        require(np.isfinite(x).all(), "{} has NaN or infinity; expected finite numbers", name)


# Functions that users write, tried on small arrays that cannot be written to


def _check_result(name: str, x: Any, other: str, like: Array) -> None:
    """Raise ValueError unless x has the shape and dtype of the array it was computed from."""
    check_array(name, x, *like.shape)
    message = "{} is {} for {} of {}; expected the same dtype: .astype({}.dtype)?"
    require(x.dtype == like.dtype, message, name, x.dtype, other, like.dtype, other)


def try_activation(g: Callable[[Array], Array], dg: Callable[[Array, Array], Array]) -> None:
    """Raise ValueError unless g and dg return arrays like Z, element by element."""
    for dtype in (np.float64, np.float32):
        Z: Array = np.array([[0.1, 0.3, 0.4], [0.6, 0.7, 0.9]], dtype)
        Z.flags.writeable = False
        A = g(Z)
        _check_result("g(Z)", A, "Z", Z)
        A = A.view()  # A may be Z
        A.flags.writeable = False
        _check_result("dg(Z, A)", dg(Z, A), "Z", Z)
        is_elementwise = np.allclose(g(Z[:1, :1]), A[:1, :1], equal_nan=True)
        require(is_elementwise, "g(Z) mixes the elements of Z; expected each to have its own g")


def try_error(E: Callable[[Array, Array], float], dA: Callable[[Array, Array], Array]) -> None:
    """Raise ValueError unless E is a number, dA an array like A, and both means over columns."""
    for dtype in (np.float64, np.float32):
        A: Array = np.array([[0.2, 0.6, 0.7], [0.8, 0.4, 0.3]], dtype)
        Y: Array = np.array([[0.5, 0.1, 0.9], [0.5, 0.9, 0.1]], dtype)
        A.flags.writeable = Y.flags.writeable = False
        check_number("E(A, Y)", E(A, Y))
        _check_result("dA(A, Y)", dA(A, Y), "A", A)
        blocks = [(1 / 3, A[:, :1], Y[:, :1]), (2 / 3, A[:, 1:], Y[:, 1:])]
        message = "{} by blocks of columns is {}, and {} at once; expected a mean over the columns"
        by_blocks: Any = sum(share * E(A_k, Y_k) for share, A_k, Y_k in blocks)
        is_mean = np.isclose(by_blocks, E(A, Y), rtol=1e-4)
        require(is_mean, message, "E(A, Y)", by_blocks, E(A, Y))
        by_blocks = np.hstack([share * dA(A_k, Y_k) for share, A_k, Y_k in blocks])
        is_mean = np.allclose(by_blocks, dA(A, Y), rtol=1e-4)
        require(is_mean, message, "dA(A, Y)", by_blocks, dA(A, Y))


# Lists with an entry for each layer


def check_lists(**lists: Any) -> None:
    """Raise ValueError unless all lists have L + 1 entries, L >= 1.

    Those of W, b and Z have a placeholder at index 0, and those of g hold activations.
    """
    kinds = (list, tuple, np.ndarray)  # such as an array of activations, drawn by rng.choice
    lengths = [len(x) if type(x) in kinds else 0 for x in lists.values()]
    require(
        lengths[0] >= 2 and len(set(lengths)) == 1,
        "{} have {} entries; expected L + 1 each, L >= 1, with a placeholder at index 0",
        ", ".join(lists),
        lengths,
    )
    for name in ("W", "b", "Z"):
        first = lists[name][0] if name in lists else None
        is_placeholder = first is None or (is_array(first) and first.size == 0)
        message = "{0}[0] holds numbers; expected a placeholder, None or EMPTY, before {0}[1]"
        require(is_placeholder, message, name)
    for l, g_l in enumerate(lists.get("g", [])):
        require_argument(l == 0 or hasattr(g_l, "dg"), f"g[{l}]", g_l, "an Activation")


def check_layers(W: Arrays, b: Arrays, **more: Sequence[object]) -> list[Array]:
    """Return W[1], b[1], ..., W[L], b[L]; raise ValueError unless they make a network."""
    check_lists(W=W, b=b, **more)
    parts = {}
    for l in range(1, len(W)):
        check_array(f"W[{l}]", W[l], f"n^{l}", "n^0" if l == 1 else len(W[l - 1]))
        check_array(f"b[{l}]", b[l], len(W[l]), 1)
        parts[f"W[{l}]"] = W[l]
        parts[f"b[{l}]"] = b[l]
    check_same_kind(**parts)
    return list(parts.values())


# Numbers


def _is_number(value: Any) -> bool:
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    return not isinstance(value, int) or value.bit_length() < 1024  # or else no float holds it


def _is_count(value: Any, least: int) -> bool:
    is_whole = _is_number(value) and float(value).is_integer()
    return is_whole and least <= int(value) < 2**63


def check_nodes(n: Nodes) -> tuple[int, ...]:
    """Return n as a tuple of ints; raise ValueError unless it is (n^0, ..., n^L) with L >= 1."""
    nodes = n.tolist() if isinstance(n, np.ndarray) else n
    fits = isinstance(nodes, Sequence) and len(nodes) > 1 and all(_is_count(k, 1) for k in nodes)
    require_argument(fits, "n", n, "two or more positive integers (n^0, ..., n^L)")
    return tuple(int(k) for k in nodes)


def check_number(name: str, value: Any, expected: str = "a number") -> Any:
    """Return a real number of Python or NumPy as it is; raise ValueError for anything else."""
    require_argument(_is_number(value), name, value, expected)
    return value


def check_count(name: str, value: Any, least: int) -> int:
    """Return an integer as an int; raise ValueError unless it is at least `least`."""
    require_argument(_is_count(value, least), name, value, f"an integer of at least {least}")
    return int(value)


def check_positive(name: str, value: Any) -> float:
    """Return a number as a Python float; raise ValueError unless it is finite and above zero."""
    fits = _is_number(value) and 0 < value < np.inf
    require_argument(fits, name, value, "a finite number above 0")
    return float(value)


def check_fraction(name: str, value: Any) -> float:
    """Return a number as a Python float; raise ValueError unless it is in [0, 1)."""
    fits = _is_number(value) and 0 <= value < 1
    require_argument(fits, name, value, "a number from 0 to below 1")
    return float(value)


# Everything else


def check_functions(**functions: object) -> None:
    """Raise ValueError for what cannot be called."""
    for name, f in functions.items():
        require_argument(callable(f), name, f, "a function")


def check_name(name: object) -> None:
    """Raise ValueError unless the name of an activation or an error is a string."""
    require_argument(isinstance(name, str), "name", name, "a string")


def check_dtype(dtype: DTypeLike) -> None:
    """Raise ValueError unless the dtype is float32 or float64."""
    require_argument(dtype in _FLOATS, "dtype", dtype, "float32 or float64")


def check_random(rng: object) -> None:
    """Raise ValueError unless rng is one of NumPy's sources of randomness."""
    expected = "a generator: np.random.default_rng(seed)?"
    require_argument(isinstance(rng, Random), "rng", rng, expected)


def check_path(name: str, path: str | os.PathLike[str]) -> Path:
    """Return a path as a Path; raise ValueError for anything else, the empty string included."""
    is_path = isinstance(path, str | os.PathLike) and path != ""
    require_argument(is_path, name, path, "a path")
    return Path(path)
