"""The partial derivatives of E: by index sums (chapter 6) and by matrices (chapter 7)."""

import numpy as np

from nnlib._checks import (
    EMPTY,
    Array,
    Arrays,
    Pair,
    check_array,
    check_lists,
    check_same_kind,
)
from nnlib.activations import Activations
from nnlib.parameters import count_parameters, unpack


def gradient_by_sums(W: Arrays, g: Activations, Z: Arrays, A: Arrays, dA: Array) -> Pair:
    """Return dE/dW and dE/db by the chain rule's sums, one index at a time.

    This is the slow reference: the tests compare `backward` with it.

    Parameters
    ----------
    W : sequence of arrays
        ``W[l]`` of shape (n^l, n^{l-1}), l = 1, ..., L; ``W[0]`` is a placeholder, None or
        `EMPTY`.
    g : sequence of Activation
        ``g[l]``, l = 1, ..., L; ``g[0]`` is a placeholder.
    Z, A : sequences of arrays
        What `nnlib.forward` returned, ``A[l]`` of shape (n^l, m).
    dA : array of shape (n^L, m)
        dE/dA^L.

    Returns
    -------
    dW, db : lists of arrays
        ``dW[l]`` of the shape of ``W[l]`` and ``db[l]`` of shape (n^l, 1); index 0 holds an
        empty placeholder.

    Raises
    ------
    ValueError
        If the lists, or the shapes or dtypes of what they hold and of `dA`, do not fit together.

    Notes
    -----
    Source: equations (6.5), (6.6), (6.7) and (6.8), chapter 6.
    """
    _check_backward(W, g, Z, A, dA)
    L, m = len(W) - 1, dA.shape[1]
    dW = [EMPTY] * (L + 1)
    db = [EMPTY] * (L + 1)
    for l in range(L, 0, -1):
        rows, columns = W[l].shape
        slopes = g[l].dg(Z[l], A[l])
        dZ = np.empty_like(Z[l])
        for i, c in np.ndindex(rows, m):
            dZ[i, c] = dA[i, c] * slopes[i, c]
        dW[l] = np.empty_like(W[l])
        db[l] = np.empty_like(W[l][:, :1])
        for i in range(rows):
            db[l][i, 0] = sum(dZ[i, c] for c in range(m))
            for j in range(columns):
                dW[l][i, j] = sum(dZ[i, c] * A[l - 1][j, c] for c in range(m))
        dA = np.empty_like(A[l - 1])
        for j, c in np.ndindex(columns, m):
            dA[j, c] = sum(W[l][i, j] * dZ[i, c] for i in range(rows))
    return dW, db


def backward(W: Arrays, g: Activations, Z: Arrays, A: Arrays, dA: Array) -> Pair:
    """Return dE/dW and dE/db by back-propagation in matrix form.

    Parameters
    ----------
    W : sequence of arrays
        ``W[l]`` of shape (n^l, n^{l-1}), l = 1, ..., L; ``W[0]`` is a placeholder, None or
        `EMPTY`.
    g : sequence of Activation
        ``g[l]``, l = 1, ..., L; ``g[0]`` is a placeholder.
    Z, A : sequences of arrays
        What `nnlib.forward` returned, ``A[l]`` of shape (n^l, m).
    dA : array of shape (n^L, m)
        dE/dA^L.

    Returns
    -------
    dW, db : lists of arrays
        ``dW[l]`` of the shape of ``W[l]`` and ``db[l]`` of shape (n^l, 1); index 0 holds an
        empty placeholder. All are views into one vector, in the order of `nnlib.pack`.

    Raises
    ------
    ValueError
        If the lists, or the shapes or dtypes of what they hold and of `dA`, do not fit together.

    Notes
    -----
    Source: equations (7.3), (7.4), (7.5) and (7.6), chapter 7.

    Examples
    --------
    >>> from nnlib import forward, identity
    >>> W, b, g = [EMPTY, np.array([[2.0]])], [EMPTY, np.array([[1.0]])], [identity] * 2
    >>> Z, A = forward(W, b, g, np.array([[1.0, 2.0]]))
    >>> dW, db = backward(W, g, Z, A, dA=np.array([[10.0, 100.0]]))
    >>> print(dW[1], db[1])
    [[210.]] [[110.]]
    """
    _check_backward(W, g, Z, A, dA)
    n = [len(A_l) for A_l in A]
    gradient = np.empty_like(dA, shape=(count_parameters(n),))
    dW, db = unpack(gradient, n)
    _backward(W, g, Z, A, np.copy(dA), dW, db)
    return dW, db


def _backward(
    W: Arrays, g: Activations, Z: Arrays, A: Arrays, dA: Array, dW: Arrays, db: Arrays
) -> None:
    """Write dE/dW and dE/db into dW and db, and dE/dZ^L over dA, without checking the arguments."""
    ones = np.ones_like(dA, shape=(dA.shape[1], 1))
    for l in range(len(W) - 1, 0, -1):
        dZ = np.multiply(dA, g[l].dg(Z[l], A[l]), out=dA)
        np.matmul(dZ, A[l - 1].T, out=dW[l])
        np.matmul(dZ, ones, out=db[l])
        if l > 1:
            dA = W[l].T @ dZ


def _check_backward(W: Arrays, g: Activations, Z: Arrays, A: Arrays, dA: Array) -> None:
    check_lists(W=W, g=g, Z=Z, A=A)
    check_array("A[0]", A[0], "n^0", "m")
    parts = {"A[0]": A[0], "dA": dA}
    for l in range(1, len(W)):
        check_array(f"W[{l}]", W[l], f"n^{l}", len(A[l - 1]))
        check_array(f"Z[{l}]", Z[l], len(W[l]), A[0].shape[1])
        check_array(f"A[{l}]", A[l], *Z[l].shape)
        parts |= {f"W[{l}]": W[l], f"Z[{l}]": Z[l], f"A[{l}]": A[l]}
    check_array("dA", dA, *A[-1].shape)
    check_same_kind(**parts)
