"""Errors, each a named pair of E and dE/dA^L, both means over the columns (chapter 4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib._checks import (
    Array,
    check_array,
    check_functions,
    check_like,
    check_name,
    try_error,
)


@dataclass(frozen=True)
class ErrorFunction:
    """An error E of the outputs A^L against the targets Y, with its derivative.

    Elsewhere an error is called a loss or a cost. Call it for E, as in
    ``E = squared_error(A, Y)``; its derivative is ``squared_error.dA(A, Y)``. Both take arrays of
    shape (n^L, m), and E is a mean over the columns: for blocks of m_k columns with errors E_k, the
    whole is the sum of (m_k/m) E_k.

    Attributes
    ----------
    name : str
        The name under which a saved network records it.
    E : callable
        ``E(A, Y)`` is the error, a number.
    dA : callable
        ``dA(A, Y)`` is dE/dA, an array of the shape and dtype of `A`.

    Raises
    ------
    ValueError
        If `name` is not a string, if `E` does not return a number or `dA` not an array like `A`, or
        if they are not means over the columns. Both are tried on small arrays of either dtype when
        the error is made. Whether `dA` is the derivative of `E` is for `nnlib.check_gradient` to
        say.

    Notes
    -----
    Source: equations (4.2) and (4.6), chapter 4, for `squared_error`; equations (4.15), (4.17)
    and (4.18) for `softmax_cross_entropy`, whose derivative asks that the columns of `Y` sum to
    1. That an error is a mean over columns is equation (4.5).

    Examples
    --------
    >>> A, Y = np.array([[1.0, 2.0]]), np.array([[1.0, 4.0]])
    >>> squared_error(A, Y)
    1.0
    >>> print(squared_error.dA(A, Y))
    [[ 0. -1.]]
    """

    name: str
    E: Callable[[Array, Array], float]
    dA: Callable[[Array, Array], Array]

    def __post_init__(self) -> None:
        check_name(self.name)
        check_functions(E=self.E, dA=self.dA)
        try_error(self.E, self.dA)

    def __call__(self, A: Array, Y: Array) -> float:
        """Return E(A, Y) after checking both."""
        check_array("A", A, "n", "m")
        check_like("Y", Y, "A", A)
        return float(self.E(A, Y))

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle an error of this module by its name, any other by what it was made from."""
        is_of_this_module = globals().get(self.name) is self
        return self.name if is_of_this_module else (type(self), (self.name, self.E, self.dA))


def softmax(Z: Array) -> Array:
    """Return the softmax of every column: e^{Z_ic} / sum_k e^{Z_kc}.

    Parameters
    ----------
    Z : array of shape (n, m)
        Logits, one column per input.

    Returns
    -------
    array of shape (n, m)
        Numbers from 0 to 1 whose columns sum to 1, of the dtype of `Z`.

    Raises
    ------
    ValueError
        If `Z` is not a float array with two axes.

    Notes
    -----
    Source: equation (4.14), chapter 4. The largest logit of a column is subtracted from all of
    them, which changes nothing in the quotient, and then no power overflows.

    Examples
    --------
    >>> print(softmax(np.log([[1.0, 2.0], [3.0, 2.0]])).round(4))
    [[0.25 0.5 ]
     [0.75 0.5 ]]
    """
    check_array("Z", Z, "n", "m")
    S: Array = np.exp(Z - Z.max(axis=0))
    S /= S.sum(axis=0)
    return S


def _log_softmax(Z: Array) -> Array:
    D: Array = Z - Z.max(axis=0)
    D -= np.log(np.exp(D).sum(axis=0))
    return D


def _squares(D: Array) -> float:
    """Return ||D||_F^2, the sum of the squares."""
    return float(np.vdot(D, D))


squared_error = ErrorFunction(
    "squared_error",
    lambda A, Y: _squares(A - Y) / (2 * A.shape[1]),
    lambda A, Y: (A - Y) / A.shape[1],
)
softmax_cross_entropy = ErrorFunction(
    "softmax_cross_entropy",
    lambda A, Y: -float(np.sum(Y * _log_softmax(A))) / A.shape[1],
    lambda A, Y: (softmax(A) - Y) / A.shape[1],
)
