"""The network as a function: one input by sums (chapter 2), m inputs by matrices (chapter 3)."""

import numpy as np

from nnlib._checks import (
    EMPTY,
    Array,
    Arrays,
    Pair,
    check_array,
    check_layers,
    check_same_kind,
)
from nnlib.activations import Activations


def evaluate(W: Arrays, b: Arrays, g: Activations, x: Array) -> Pair:
    """Evaluate the network at one input, by the sums of the definition.

    This is the slow reference: it says what a network is, and the tests compare `forward` with it.

    Parameters
    ----------
    W : sequence of arrays
        ``W[l]`` of shape (n^l, n^{l-1}) for l = 1, ..., L; ``W[0]`` is a placeholder, None
        or `EMPTY`.
    b : sequence of arrays
        ``b[l]`` of shape (n^l, 1); ``b[0]`` is a placeholder, too.
    g : sequence of Activation
        ``g[l]`` for l = 1, ..., L; ``g[0]`` is a placeholder.
    x : array of shape (n^0,)
        The input a^0.

    Returns
    -------
    z, a : lists of arrays
        ``z[l]`` and ``a[l]`` of shape (n^l,); ``z[0]`` is a placeholder, ``a[0]`` is `x`, and
        ``a[L]`` is N(x).

    Raises
    ------
    ValueError
        If the shapes do not fit together, or dtypes or kinds of arrays differ.

    Notes
    -----
    Source: equations (2.1), (2.2) and (2.3), chapter 2.

    Examples
    --------
    >>> from nnlib import EMPTY, identity
    >>> W, b, g = [EMPTY, np.array([[2.0, 3.0]])], [EMPTY, np.array([[1.0]])], [identity] * 2
    >>> z, a = evaluate(W, b, g, np.array([10.0, 100.0]))
    >>> print(a[1])
    [321.]
    """
    check_layers(W, b, g=g)
    check_array("x", x, W[1].shape[1])
    check_same_kind(**{"W[1]": W[1], "x": x})
    z, a = [EMPTY], [x]
    for l in range(1, len(W)):
        nodes = range(len(W[l]))
        z.append(np.stack([_weighted_sum(W[l][i], b[l][i, 0], a[l - 1]) for i in nodes]))
        a.append(g[l](z[l]))
    return z, a


def _weighted_sum(w: Array, b: Array, a: Array) -> Array:
    """Return b + w_1 a_1 + w_2 a_2 + ..., a number."""
    z: Array = b + sum(w[j] * a[j] for j in range(len(a)))
    return z


def forward(W: Arrays, b: Arrays, g: Activations, X: Array) -> Pair:
    """Evaluate the network at m inputs, the columns of X, by matrix products.

    Parameters
    ----------
    W : sequence of arrays
        ``W[l]`` of shape (n^l, n^{l-1}) for l = 1, ..., L; ``W[0]`` is a placeholder, None
        or `EMPTY`.
    b : sequence of arrays
        ``b[l]`` of shape (n^l, 1); ``b[0]`` is a placeholder, too.
    g : sequence of Activation
        ``g[l]`` for l = 1, ..., L; ``g[0]`` is a placeholder.
    X : array of shape (n^0, m)
        The inputs A^0, one per column.

    Returns
    -------
    Z, A : lists of arrays
        ``Z[l]`` and ``A[l]`` of shape (n^l, m); ``Z[0]`` is a placeholder, ``A[0]`` is `X`, and
        the columns of ``A[L]`` are the outputs.

    Raises
    ------
    ValueError
        If the shapes do not fit together, or dtypes or kinds of arrays differ.

    Notes
    -----
    Source: equations (3.3) and (3.5), chapter 3.

    Examples
    --------
    >>> from nnlib import EMPTY, identity
    >>> W, b, g = [EMPTY, np.array([[2.0, 3.0]])], [EMPTY, np.array([[1.0]])], [identity] * 2
    >>> Z, A = forward(W, b, g, np.array([[10.0, 0.0], [100.0, 1.0]]))
    >>> print(A[1])
    [[321.   4.]]
    """
    check_layers(W, b, g=g)
    check_array("X", X, W[1].shape[1], "m")
    check_same_kind(**{"W[1]": W[1], "X": X})
    return _compute_layers(W, b, g, X)


def _compute_layers(W: Arrays, b: Arrays, g: Activations, X: Array) -> Pair:
    """Return what `forward` returns, without checking the arguments."""
    Z, A = [EMPTY], [X]
    for l in range(1, len(W)):
        Z.append(W[l] @ A[l - 1])
        Z[l] += b[l]
        A.append(g[l](Z[l]))
    return Z, A
