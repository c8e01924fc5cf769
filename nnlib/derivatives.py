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
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        right, left, width = _values_beside(f, x, i, h)
        gradient[i] = (right - left) / width
    return gradient


def _values_beside(
    f: Callable[[Array], float], x: Array, i: tuple[int, ...], h: float | None
) -> tuple[float, float, float]:
    """Return f(x + h e_i), f(x - h e_i), and the distance of the two points: 2h, rounded."""
    least = np.cbrt(np.finfo(x.dtype).eps)
    step = least * max(1, abs(x[i])) if h is None else check_positive("h", h)
    right, left = np.copy(x), np.copy(x)
    right[i] += step
    left[i] -= step
    width = right[i] - left[i]
    require_argument(0 < width < np.inf, "x[i]", x[i], f"a number that a step of {step} changes")
    f_right, f_left = (check_number("f(x)", f(y), "a number: f(x)[0]?") for y in (right, left))
    return f_right, f_left, width


def check_gradient(
    f: Objective, x: Array, h: float | None = None, tolerance: float = 1e-6
) -> float:
    """Compare the gradient that f returns with central differences of the value it returns.

    The two agree if ||gradient - differences|| <= tolerance (||gradient|| + ||differences||). Near
    a minimum, where the gradient vanishes, differences show little but their own errors. So the two
    also agree if ||gradient - differences|| < tolerance ||changes||, where the changes are those of
    the slopes over a thousand steps h.

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
        that passes; near a minimum, the denominator is ||changes||.

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
    Source: chapter 6. By equation (6.16), differences are off by up to M h^2 / 6 + delta / h, where
    M bounds the third derivative and delta is the rounding of f. Over a thousand steps, a slope
    changes by about 1000 h f'', and f'' comes from the same values of f. With the step h that
    equation (6.17) suggests, the error is below 10^{-6} of this change if
    M / 6 + abs(f) < 165 abs(f'').

    So leave large constants out of f. They hide its slopes behind rounding, and then even a right
    gradient is rejected. If f is so large that the step does not change it, all differences are 0,
    and a gradient of 0 passes.

    Examples
    --------
    >>> check_gradient(lambda x: (float(x @ x), 2 * x), np.array([1.0, 2.0])) < 1e-9
    True
    """
    check_functions(f=f)
    check_array("x", x)
    require(x.size > 0, "x has shape {}; expected at least one element", x.shape)
    check_positive("tolerance", tolerance)
    require(x.dtype == np.float64, "x has dtype {}; expected float64", x.dtype)
    value, gradient = check_pair(f(x), x)
    gradient = np.copy(gradient)  # f may write its next gradient into the same array
    differences, changes = np.empty_like(x), np.empty_like(x)
    for i in np.ndindex(x.shape):
        right, left, width = _values_beside(lambda x: f(x)[0], x, i, h)
        differences[i] = (right - left) / width
        changes[i] = 1000 * ((right - value) - (value - left)) / (width / 2)  # 1000 h f''
    deviation = np.abs(gradient - differences)
    distance, size = _norm(deviation), _norm(gradient) + _norm(differences)
    error = 0.0 if distance == 0 else distance / size
    if not (error <= tolerance or distance < tolerance * _norm(changes)):
        at = np.unravel_index(np.argmax(deviation), x.shape)
        worst = f"{[*map(int, at)]}: gradient {gradient[at]:.6g}, differences {differences[at]:.6g}"
        raise AssertionError(
            f"relative error {error:.2e} exceeds {tolerance:.0e}; worst at {worst}"
        )
    return error


def _norm(x: Array) -> float:
    return float(np.linalg.norm(x))
