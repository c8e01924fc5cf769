"""The parameters of a network as one vector theta in R^p (chapter 4), and its first value (8)."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from nnlib._checks import (
    EMPTY,
    Array,
    Arrays,
    Nodes,
    Pair,
    Random,
    check_array,
    check_dtype,
    check_layers,
    check_nodes,
    check_positive,
    check_random,
)

Variance: TypeAlias = Callable[[int, int], float]


def count_parameters(n: Nodes) -> int:
    """Return p, the number of weights and biases of a network with n^0, ..., n^L nodes.

    Parameters
    ----------
    n : sequence of int
        The numbers of nodes (n^0, ..., n^L).

    Returns
    -------
    int
        p = sum of (n^{l-1} + 1) n^l over l = 1, ..., L.

    Raises
    ------
    ValueError
        If `n` is not two or more positive integers.

    Notes
    -----
    Source: equation (2.10), chapter 2.

    Examples
    --------
    >>> count_parameters((784, 300, 10))
    238510
    """
    return _count_parameters(check_nodes(n))


def _count_parameters(n: Nodes) -> int:
    """Return what `count_parameters` returns, without checking n."""
    return sum((n[l - 1] + 1) * n[l] for l in range(1, len(n)))


def pack(W: Arrays, b: Arrays) -> Array:
    """Return the vector theta of all W[1], b[1], ..., W[L], b[L], matrices row by row.

    Parameters
    ----------
    W, b : sequences of arrays
        ``W[l]`` of shape (n^l, n^{l-1}) and ``b[l]`` of shape (n^l, 1), l = 1, ..., L; index 0
        holds placeholders.

    Returns
    -------
    array of shape (p,)
        A copy, of the dtype of the arrays.

    Raises
    ------
    ValueError
        If the lists differ in length, or the arrays in dtype or kind, or if the shapes do not fit
        together.

    Notes
    -----
    Source: equation (4.4), chapter 4. The inverse of `unpack`.

    Examples
    --------
    >>> theta = pack([EMPTY, np.array([[1.0, 2.0]])], [EMPTY, np.array([[3.0]])])
    >>> print(theta)
    [1. 2. 3.]
    """
    return np.concatenate([part.ravel() for part in check_layers(W, b)])


def unpack(theta: Array, n: Nodes) -> Pair:
    """Return the weights and biases that theta holds, as views into it.

    Parameters
    ----------
    theta : array of shape (p,)
        All weights and biases.
    n : sequence of int
        The numbers of nodes (n^0, ..., n^L).

    Returns
    -------
    W, b : lists of arrays
        ``W[l]`` of shape (n^l, n^{l-1}) and ``b[l]`` of shape (n^l, 1), so that ``W[l]`` is W^l;
        index 0 holds an empty placeholder. A change of theta is a change of them.

    Raises
    ------
    ValueError
        If `theta` is not a float vector of length p.

    Notes
    -----
    Source: equation (4.4), chapter 4. The inverse of `pack`.

    Examples
    --------
    >>> W, b = unpack(np.array([1.0, 2.0, 3.0]), (2, 1))
    >>> print(W[1], b[1])
    [[1. 2.]] [[3.]]
    """
    n = check_nodes(n)
    check_array("theta", theta, _count_parameters(n))
    return _unpack(theta, n)


def _unpack(theta: Array, n: Nodes) -> Pair:
    """Return what `unpack` returns, without checking the arguments."""
    W, b = [EMPTY], [EMPTY]
    k = 0  # where layer l begins in theta
    for l in range(1, len(n)):
        w = n[l] * n[l - 1]
        W.append(theta[k : k + w].reshape(n[l], n[l - 1]))
        b.append(theta[k + w : k + w + n[l]].reshape(n[l], 1))
        k += w + n[l]
    return W, b


def random_normal(n: Nodes, rng: Random, scale: float, dtype: DTypeLike = np.float64) -> Array:
    """Draw every weight and bias from N(0, scale^2), in the order of `pack`.

    Parameters
    ----------
    n : sequence of int
        The numbers of nodes (n^0, ..., n^L).
    rng : numpy.random.Generator or numpy.random.RandomState
        The source of randomness; the series' experiments use the legacy ``RandomState``.
    scale : float
        The standard deviation.
    dtype : dtype, optional
        float64 (the default) or float32.

    Returns
    -------
    array of shape (p,)
        The vector theta.

    Raises
    ------
    ValueError
        If `n` or `scale` is not positive, `rng` is not a source of randomness, or `dtype` is not
        float32 or float64.

    Notes
    -----
    Source: equation (9.3), chapter 9, where the series' networks start like this.

    Examples
    --------
    >>> theta = random_normal((1, 20, 1), np.random.default_rng(0), scale=0.2)
    >>> theta.shape
    (61,)
    """
    check_random(rng)
    check_dtype(dtype)
    theta = check_positive("scale", scale) * rng.standard_normal(count_parameters(n))
    return theta.astype(dtype)


def glorot_normal(n: Nodes, rng: Random, dtype: DTypeLike = np.float64) -> Array:
    """Draw W^l from N(0, 2 / (n^{l-1} + n^l)), with all biases zero.

    Parameters
    ----------
    n : sequence of int
        The numbers of nodes (n^0, ..., n^L).
    rng : numpy.random.Generator or numpy.random.RandomState
        The source of randomness.
    dtype : dtype, optional
        float64 (the default) or float32.

    Returns
    -------
    array of shape (p,)
        The vector theta.

    Raises
    ------
    ValueError
        If `n` is not positive, `rng` is not a source of randomness, or `dtype` is not float32 or
        float64.

    Notes
    -----
    Source: equation (8.19), chapter 8; X. Glorot and Y. Bengio (2010), "Understanding the
    difficulty of training deep feedforward neural networks". For tanh and the identity.

    Examples
    --------
    >>> W, b = unpack(glorot_normal((50, 50), np.random.default_rng(0)), (50, 50))
    >>> print(W[1].std().round(2), b[1].any())
    0.14 False
    """
    return _weights_only(n, rng, lambda n_in, n_out: 2 / (n_in + n_out), dtype)


def he_normal(n: Nodes, rng: Random, dtype: DTypeLike = np.float64) -> Array:
    """Draw W^l from N(0, 2 / n^{l-1}), with all biases zero.

    Parameters
    ----------
    n : sequence of int
        The numbers of nodes (n^0, ..., n^L).
    rng : numpy.random.Generator or numpy.random.RandomState
        The source of randomness.
    dtype : dtype, optional
        float64 (the default) or float32.

    Returns
    -------
    array of shape (p,)
        The vector theta.

    Raises
    ------
    ValueError
        If `n` is not positive, `rng` is not a source of randomness, or `dtype` is not float32 or
        float64.

    Notes
    -----
    Source: equation (8.20), chapter 8; K. He, X. Zhang, S. Ren and J. Sun (2015), "Delving deep
    into rectifiers". For ReLU and its relatives.

    Examples
    --------
    >>> W, b = unpack(he_normal((50, 50), np.random.default_rng(0)), (50, 50))
    >>> print(W[1].std().round(1), b[1].any())
    0.2 False
    """
    return _weights_only(n, rng, lambda n_in, n_out: 2 / n_in, dtype)


def _weights_only(n: Nodes, rng: Random, variance: Variance, dtype: DTypeLike) -> Array:
    """Draw the weights of every layer with the variance for its n^{l-1} and n^l; biases are 0."""
    check_random(rng)
    check_dtype(dtype)
    n = check_nodes(n)
    theta = np.zeros(count_parameters(n))
    W, _ = unpack(theta, n)
    for l in range(1, len(W)):
        W[l][:] = np.sqrt(variance(n[l - 1], n[l])) * rng.standard_normal(W[l].shape)
    return theta.astype(dtype)
