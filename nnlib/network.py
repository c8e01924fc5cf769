"""Network: the description of a network, with its error as a function of theta (chapter 9)."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from nnlib._checks import (
    Array,
    Nodes,
    Pair,
    check_array,
    check_count,
    check_finite,
    check_functions,
    check_nodes,
    check_path,
    check_same_kind,
    require,
    require_argument,
)
from nnlib._files import load_arrays, save_arrays
from nnlib.activations import Activation, Activations, identity
from nnlib.backprop import _backward
from nnlib.descent import Objective
from nnlib.errors import ErrorFunction, squared_error
from nnlib.model import _compute_layers
from nnlib.parameters import _count_parameters, _unpack, unpack

MapBlocks: TypeAlias = Callable[..., Iterable[tuple[float, Array]]]


@dataclass(frozen=True)
class Network:
    """What gives a network its structure: n^0, ..., n^L, the g^l and the error.

    A network holds no parameters. They are one vector theta in R^p, passed to every method, so
    that E is what the book says it is, a function of theta.

    Parameters
    ----------
    n : sequence of int
        The numbers of nodes (n^0, ..., n^L).
    g : sequence of Activation
        The activation functions (g^1, ..., g^L). The attribute ``g`` has a placeholder in front,
        `identity`, so that ``g[l]`` is g^l; it may be given with one, `identity` or None.
    error : ErrorFunction, optional
        `squared_error` (the default) or `softmax_cross_entropy`.

    Raises
    ------
    ValueError
        If `n` is not two or more positive integers, or `g` is not L activations.

    Notes
    -----
    Source: chapter 9, for E as a function of theta, equation (4.4), with the blocks of
    equation (4.5), chapter 4.

    Examples
    --------
    >>> from nnlib import random_normal, sigmoid
    >>> network = Network((2, 2, 1), (sigmoid, identity))
    >>> network.L, network.p
    (2, 9)
    >>> theta = random_normal(network.n, np.random.default_rng(0), scale=0.2)
    >>> network(theta, np.ones((2, 5))).shape
    (1, 5)
    """

    n: tuple[int, ...]
    g: tuple[Activation, ...]
    error: ErrorFunction = squared_error

    def __init__(self, n: Nodes, g: Activations, error: ErrorFunction = squared_error) -> None:
        n = check_nodes(n)
        L = len(n) - 1
        layers = tuple(g) if isinstance(g, Sequence) else ()
        if len(layers) == L + 1 and (layers[0] is identity or layers[0] is None):
            layers = layers[1:]
        fits = len(layers) == L and all(isinstance(g_l, Activation) for g_l in layers)
        require_argument(fits, "g", g, f"{L} activations, one for each layer")
        require_argument(isinstance(error, ErrorFunction), "error", error, "an ErrorFunction")
        # The class is frozen, so its fields cannot be set by assignment.
        object.__setattr__(self, "n", n)
        object.__setattr__(self, "g", (identity, *layers))
        object.__setattr__(self, "error", error)

    @property
    def L(self) -> int:
        """The index of the output layer."""
        return len(self.n) - 1

    @property
    def p(self) -> int:
        """The number of parameters."""
        return _count_parameters(self.n)

    def unpack(self, theta: Array) -> Pair:
        """Return the weights and biases that theta holds, as views into it.

        Parameters
        ----------
        theta : array of shape (p,)
            The parameters.

        Returns
        -------
        W, b : lists of arrays
            What `nnlib.unpack` returns for theta and ``n``: ``W[l]`` of shape (n^l, n^{l-1}) and
            ``b[l]`` of shape (n^l, 1).

        Raises
        ------
        ValueError
            If `theta` is not a float vector of length p.
        """
        return unpack(theta, self.n)

    def __call__(self, theta: Array, X: Array, columns_per_block: int = 1000) -> Array:
        """Return A^L of shape (n^L, m) for the inputs X of shape (n^0, m).

        Parameters
        ----------
        theta : array of shape (p,)
            The parameters.
        X : array of shape (n^0, m)
            The inputs, one per column, of the dtype of `theta`.
        columns_per_block : int, optional
            How many columns to work through at a time; see `value_and_gradient`.

        Returns
        -------
        array of shape (n^L, m)
            The outputs N(x), one per column.

        Raises
        ------
        ValueError
            If the shapes, dtypes or kinds of arrays do not fit together.
        """
        self._check(theta, X)
        W, b = _unpack(theta, self.n)
        outputs = []
        for c in _blocks(X.shape[1], columns_per_block):
            A = _compute_layers(W, b, self.g, X[:, c])[1]
            outputs.append(A[-1])
        return np.hstack(outputs)

    def E(self, theta: Array, X: Array, Y: Array, columns_per_block: int = 1000) -> float:
        """Return the error E of the network with parameters theta on the pairs (X, Y).

        Parameters
        ----------
        theta : array of shape (p,)
            The parameters.
        X : array of shape (n^0, m)
            The inputs.
        Y : array of shape (n^L, m)
            The targets.
        columns_per_block : int, optional
            How many columns to work through at a time; see `value_and_gradient`.

        Returns
        -------
        float
            The mean error over the columns.

        Raises
        ------
        ValueError
            If the shapes, dtypes or kinds of arrays do not fit together.
        """
        return self.error(self(theta, X, columns_per_block), Y)

    def value_and_gradient(
        self,
        theta: Array,
        X: Array,
        Y: Array,
        map_blocks: MapBlocks = map,
        columns_per_block: int = 1000,
    ) -> tuple[float, Array]:
        """Return E and its gradient with respect to theta.

        The columns are worked through in blocks that stay in the processor's cache; since E is a
        mean over columns, adding up the blocks gives E and the gradient of all columns.

        Parameters
        ----------
        theta : array of shape (p,)
            The parameters.
        X : array of shape (n^0, m)
            The inputs.
        Y : array of shape (n^L, m)
            The targets.
        map_blocks : callable, optional
            How to go over the blocks: `map`, one after the other, or the ``map`` of a pool of
            threads, several at once, each of which should then have a processor to itself (the
            environment variable ``OPENBLAS_NUM_THREADS=1``). The sums are taken in the order of
            the blocks, so the result is the same.
        columns_per_block : int, optional
            How many columns a block has; the last one may have fewer. A GPU wants as many as its
            memory holds.

        Returns
        -------
        value : float
            E.
        gradient : array of shape (p,)
            The partial derivatives of E, in the order of `pack`, of the dtype of `theta`.

        Raises
        ------
        ValueError
            If the shapes, dtypes or kinds of arrays do not fit together, `map_blocks` is not a
            function or `columns_per_block` not a positive integer.
        """
        check_functions(map_blocks=map_blocks)
        self._check(theta, X)
        check_array("Y", Y, self.n[-1], X.shape[1])
        check_same_kind(theta=theta, Y=Y)
        m = X.shape[1]

        def share_of(c: slice) -> tuple[float, Array]:
            return self._share(theta, X[:, c], Y[:, c], m)

        shares = iter(map_blocks(share_of, _blocks(m, columns_per_block)))
        E, gradient = next(shares)
        for E_k, gradient_k in shares:
            E += E_k
            gradient += gradient_k
        return E, gradient

    def _share(self, theta: Array, X: Array, Y: Array, m: int) -> tuple[float, Array]:
        """Return what a block of columns adds to E on all m columns, and to its gradient."""
        share = X.shape[1] / m
        W, b = _unpack(theta, self.n)
        Z, A = _compute_layers(W, b, self.g, X)
        dA = share * self.error.dA(A[-1], Y)
        gradient = np.empty_like(theta)
        dW, db = _unpack(gradient, self.n)
        _backward(W, self.g, Z, A, dA, dW, db)
        return share * float(self.error.E(A[-1], Y)), gradient

    def objective(
        self, X: Array, Y: Array, map_blocks: MapBlocks = map, columns_per_block: int = 1000
    ) -> Objective:
        """Return E on the pairs (X, Y) as a function of theta alone, theta -> (E, gradient).

        Parameters
        ----------
        X : array of shape (n^0, m)
            The inputs.
        Y : array of shape (n^L, m)
            The targets.
        map_blocks : callable, optional
            How `value_and_gradient` goes over blocks of columns.
        columns_per_block : int, optional
            How many columns a block has.

        Returns
        -------
        callable
            What `nnlib.gradient_descent` and `nnlib.check_gradient` take.
        """
        return partial(
            self.value_and_gradient,
            X=X,
            Y=Y,
            map_blocks=map_blocks,
            columns_per_block=columns_per_block,
        )

    def save(self, path: str | os.PathLike[str], theta: Array) -> None:
        """Write n, the names of g and of the error, and theta to a file in NumPy's npz format.

        The arrays are written to a temporary file in the same folder, whose name ends in ``.tmp``,
        and that file then takes the place of the old one. So at every moment there is the old file
        or the new one, complete, even if the process is killed or the power fails; at worst a
        ``.tmp`` file stays behind, which you can delete. The new file has the mode of the old one,
        and if `path` is a symbolic link, the file that it points to is replaced.

        Parameters
        ----------
        path : path
            The file, replaced if it is there.
        theta : array of shape (p,)
            The parameters, a NumPy array.

        Raises
        ------
        ValueError
            If `theta` does not fit the network, or is not finite, so that no failed training
            replaces what an earlier one has reached; or if `path` is there and is not a regular
            file.
        OSError
            If the file cannot be written, or is read-only.
        """
        path = check_path("path", path)
        check_array("theta", theta, self.p)
        check_finite(theta=theta)
        is_numpy = isinstance(theta, np.ndarray)
        message = "theta is a {}; expected a NumPy array, such as theta.get() for CuPy's"
        require(is_numpy, message, type(theta).__name__)
        save_arrays(path, {"theta": theta, **self._description()})

    def load(self, path: str | os.PathLike[str]) -> Array:
        """Read the theta that `save` wrote; a file of another network is an error.

        It is safe to try any file: nothing in it is executed, and no more of it is read than p
        numbers and a megabyte.

        Parameters
        ----------
        path : path
            The file.

        Returns
        -------
        array of shape (p,)
            The parameters, of the dtype they were saved with.

        Raises
        ------
        ValueError
            If the file was not written by `save`, or by a network with another n, g or error, or
            holds numbers that are not finite.
        OSError
            If the file cannot be read.
        """
        path = check_path("path", path)
        expected = self._description()
        megabyte = 2**20  # far more than n and the names take
        saved = load_arrays(path, ["theta", *expected], limit=8 * self.p + megabyte)
        for name, value in expected.items():
            found = saved[name].tolist()
            message = "{} was saved with {} = {}; expected {}"
            require(found == value, message, path, name, found, value)
        theta = saved["theta"]
        check_array("theta", theta, self.p)
        check_finite(theta=theta)
        return theta

    def _description(self) -> dict[str, Any]:
        return {"n": [*self.n], "g": [g_l.name for g_l in self.g[1:]], "error": self.error.name}

    def _check(self, theta: Array, X: Array) -> None:
        check_array("theta", theta, self.p)
        check_array("X", X, self.n[0], "m")
        check_same_kind(theta=theta, X=X)


def _blocks(m: int, columns_per_block: int) -> list[slice]:
    """Return slices of so many columns, the last one perhaps of fewer, that cover all m."""
    size = check_count("columns_per_block", columns_per_block, least=1)
    return [slice(start, start + size) for start in range(0, m, size)]
