"""Derivatives by differences (chapter 5), and the check of a gradient by them (chapter 6)."""

from collections.abc import Callable

import numpy as np

from nnlib._checks import (
    Array,
    check_array,
    check_functions,
    check_number,
    check_positive,
    require,
    require_argument,
)
from nnlib.descent import Objective, check_pair


def numerical_gradient(f: Callable[[Array], float], x: Array, h: float | None = None) -> Array:
    """Return the gradient of f at x by central differences.

    Parameters
    ----------
    f : callable
        ``f(x)`` is a number.
    x : array, float32 or float64, of any shape
        The point, which is left as it is.
    h : float, optional
        The step, the same for every element. By default, the step of an element x_i is
        max(1, abs(x_i)) times the cube root of the dtype's machine epsilon.

    Returns
    -------
    array
        (f(x + h e_i) - f(x - h e_i)) / (2h) for every i, of the shape and dtype of `x`.

    Raises
    ------
    ValueError
        If `f` is not a function or does not return a number, if `x` is not a float array or has an
        element that the step does not change, such as infinity, or if `h` is not positive.

    Notes
    -----
    Source: equation (5.3), chapter 5, with h by equation (6.17), chapter 6. It takes two
    evaluations of f for each element of x.

    Examples
    --------
    >>> print(numerical_gradient(lambda x: x[0] ** 2 + 3 * x[1], np.array([1.0, 2.0])).round(6))
    [2. 3.]
    """
    check_functions(f=f)
    check_array("x", x)
    least = np.cbrt(np.finfo(x.dtype).eps)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        right, left = np.copy(x), np.copy(x)
        step = least * max(1, abs(x[i])) if h is None else check_positive("h", h)
        right[i] += step
        left[i] -= step
        h_i = right[i] - left[i]
        require_argument(0 < h_i < np.inf, "x[i]", x[i], f"a number that a step of {step} changes")
        above, below = (check_number("f(x)", f(y), "a number: f(x)[0]?") for y in (right, left))
        gradient[i] = (above - below) / h_i
    return gradient


def check_gradient(
    f: Objective, x: Array, h: float | None = None, tolerance: float = 1e-6
) -> float:
    """Compare the gradient that f returns with central differences of the value it returns.

    The two agree if ||gradient - differences|| <= tolerance (||gradient|| + ||differences||), or if
    they are as close as differences can tell: the rounding of f limits them, and near a minimum,
    where the gradient is zero, rounding is all they show.

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
        The relative error, 0 if gradient and differences are equal.

    Raises
    ------
    AssertionError
        If gradient and differences do not agree; the message names the worst element.
    ValueError
        If `f` is not a function or does not return a number and an array like `x`, if `x` is not a
        float64 array of finite numbers, or if `h` or `tolerance` is not positive.

    Notes
    -----
    Source: chapter 6. By equations (6.16) and (6.17), the best differences are off by up to
    3 delta / (2 h), if rounding changes f by up to delta. With delta = epsilon abs(f(x)) and
    h = epsilon^{1/3}, where epsilon is the dtype's machine epsilon, that is
    3/2 epsilon^{2/3} abs(f(x)) for each element of x.

    Examples
    --------
    >>> check_gradient(lambda x: (float(x @ x), 2 * x), np.array([1.0, 2.0])) < 1e-9
    True
    """
    check_functions(f=f)
    check_array("x", x, *getattr(x, "shape", ()))
    check_positive("tolerance", tolerance)
    require(x.dtype == np.float64, "x has dtype {}; expected float64", x.dtype)
    value, gradient = check_pair(f(x), x)
    gradient = np.copy(gradient)  # f may write its next gradient into the same array
    differences = numerical_gradient(lambda x: f(x)[0], x, h)
    deviation = np.abs(gradient - differences)
    distance = float(np.linalg.norm(deviation))
    size = float(np.linalg.norm(gradient) + np.linalg.norm(differences))
    error = 0.0 if distance == 0 else distance / size
    if not (error <= tolerance or distance <= _rounding(value, x)):
        i = np.unravel_index(np.argmax(deviation), x.shape)
        worst = f"{[*map(int, i)]}: gradient {gradient[i]:.6g}, differences {differences[i]:.6g}"
        raise AssertionError(
            f"relative error {error:.2e} exceeds {tolerance:.0e}; worst at {worst}"
        )
    return error


def _rounding(value: float, x: Array) -> float:
    """Return the norm of what rounding may add to the best differences, equation (6.17)."""
    epsilon = float(np.finfo(x.dtype).eps)
    return 1.5 * float(np.cbrt(epsilon) ** 2 * np.sqrt(x.size)) * abs(value)
