"""Derivatives by differences (chapter 5), and the check of a gradient by them (chapter 6)."""

from collections.abc import Callable

import numpy as np

from nnlib._checks import Array, check_array, check_positive
from nnlib.descent import Objective


def numerical_gradient(f: Callable[[Array], float], x: Array, h: float | None = None) -> Array:
    """Return the gradient of f at x by central differences.

    Parameters
    ----------
    f : callable
        ``f(x)`` is a number.
    x : array, float32 or float64, of any shape
        The point, which is left as it is.
    h : float, optional
        The step, the same for every element; the cube root of the dtype's machine epsilon times
        the larger of 1 and the size of the element by default.

    Returns
    -------
    array
        (f(x + h e_i) - f(x - h e_i)) / (2h) for every i, of the shape and dtype of `x`.

    Raises
    ------
    ValueError
        If `x` is not a float array, or `h` is not positive.

    Notes
    -----
    Source: equation (5.3), chapter 5, with h by equation (6.17), chapter 6. It takes two
    evaluations of f for each element of x.

    Examples
    --------
    >>> print(numerical_gradient(lambda x: x[0] ** 2 + 3 * x[1], np.array([1.0, 2.0])).round(6))
    [2. 3.]
    """
    check_array("x", x, np.ndim(x))
    least = np.cbrt(np.finfo(x.dtype).eps)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        right, left = x.copy(), x.copy()
        step = least * max(1, abs(x[i])) if h is None else check_positive("h", h)
        right[i] += step
        left[i] -= step
        gradient[i] = (f(right) - f(left)) / (right[i] - left[i])
    return gradient


def check_gradient(
    f: Objective, x: Array, h: float | None = None, tolerance: float = 1e-6
) -> float:
    """Compare the gradient that f returns with central differences of the value it returns.

    Parameters
    ----------
    f : callable
        ``f(x)`` is (value, gradient).
    x : array, float64, of any shape
        The point.
    h : float, optional
        The step of `numerical_gradient`.
    tolerance : float, optional
        The largest relative error ||gradient - differences|| / (||gradient|| + ||differences||)
        that passes.

    Returns
    -------
    float
        The relative error.

    Raises
    ------
    AssertionError
        If the relative error exceeds the tolerance; the message names the worst element.
    ValueError
        If `x` is not a float64 array, or the gradient has not the shape of `x`.

    Notes
    -----
    Source: chapter 6, for what differences can and cannot tell equation (6.16).

    Examples
    --------
    >>> check_gradient(lambda x: (float(x @ x), 2 * x), np.array([1.0, 2.0])) < 1e-9
    True
    """
    check_array("x", x, np.ndim(x))
    if x.dtype != np.float64:
        raise ValueError(f"x has dtype {x.dtype}; expected float64, for differences that tell")
    gradient = np.asarray(f(x)[1])
    if gradient.shape != x.shape:
        raise ValueError(f"the gradient has shape {gradient.shape}; expected {x.shape}")
    differences = numerical_gradient(lambda x: f(x)[0], x, h)
    deviation = np.abs(gradient - differences)
    size = np.linalg.norm(gradient) + np.linalg.norm(differences)
    error = 0.0 if size == 0 else float(np.linalg.norm(deviation) / size)
    if not error <= tolerance:
        i = np.unravel_index(np.argmax(deviation), x.shape)
        where = ", ".join(str(k) for k in i)
        raise AssertionError(
            f"relative error {error:.2e} exceeds {tolerance:.0e}; worst at [{where}]: "
            f"gradient {gradient[i]:.6g}, differences {differences[i]:.6g}"
        )
    return error
