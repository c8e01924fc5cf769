"""Network: the description of a network, with its error as a function of theta (chapter 9)."""

import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import uuid4

import numpy as np

from nnlib._checks import (
    Array,
    Nodes,
    check_array,
    check_finite,
    check_functions,
    check_nodes,
    check_path,
    check_same_kind,
    require,
    require_argument,
)
from nnlib.activations import Activation, Activations, identity
from nnlib.backprop import fill
from nnlib.descent import Objective
from nnlib.errors import ErrorFunction, squared_error
from nnlib.model import compute_layers
from nnlib.parameters import count_parameters, unpack

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
        so that ``g[l]`` is g^l.
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
        layers = [isinstance(g_l, Activation) for g_l in g] if isinstance(g, Sequence) else []
        fits = layers == [True] * (len(n) - 1)
        require_argument(fits, "g", g, f"{len(n) - 1} activations, one for each layer")
        require_argument(isinstance(error, ErrorFunction), "error", error, "an ErrorFunction")
        object.__setattr__(self, "n", n)
        object.__setattr__(self, "g", (identity, *g))
        object.__setattr__(self, "error", error)

    @property
    def L(self) -> int:
        """The index of the output layer."""
        return len(self.n) - 1

    @property
    def p(self) -> int:
        """The number of parameters."""
        return count_parameters(self.n)

    def __call__(self, theta: Array, X: Array) -> Array:
        """Return A^L of shape (n^L, m) for the inputs X of shape (n^0, m).

        Parameters
        ----------
        theta : array of shape (p,)
            The parameters.
        X : array of shape (n^0, m)
            The inputs, one per column, of the dtype of `theta`.

        Returns
        -------
        array of shape (n^L, m)
            The outputs N(x), one per column.

        Raises
        ------
        ValueError
            If the shapes or dtypes do not fit together.
        """
        self._check(theta, X)
        W, b = unpack(theta, self.n)
        layers = (compute_layers(W, b, self.g, X[:, c]) for c in _blocks(X.shape[1]))
        return np.hstack([A[-1] for _, A in layers])

    def E(self, theta: Array, X: Array, Y: Array) -> float:
        """Return the error E of the network with parameters theta on the pairs (X, Y).

        Parameters
        ----------
        theta : array of shape (p,)
            The parameters.
        X : array of shape (n^0, m)
            The inputs.
        Y : array of shape (n^L, m)
            The targets.

        Returns
        -------
        float
            The mean error over the columns.

        Raises
        ------
        ValueError
            If the shapes or dtypes do not fit together.
        """
        return self.error(self(theta, X), Y)

    def value_and_gradient(
        self, theta: Array, X: Array, Y: Array, map_blocks: MapBlocks = map
    ) -> tuple[float, Array]:
        """Return E and its gradient with respect to theta.

        The columns are worked through in blocks that stay in the processor's cache; since E is a
        mean over columns, the sum over the blocks is exact.

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

        Returns
        -------
        value : float
            E.
        gradient : array of shape (p,)
            The partial derivatives of E, in the order of `pack`, of the dtype of `theta`.

        Raises
        ------
        ValueError
            If the shapes or dtypes do not fit together.
        """
        check_functions(map_blocks=map_blocks)
        self._check(theta, X)
        check_array("Y", Y, self.n[-1], X.shape[1])
        check_same_kind(theta=theta, Y=Y)
        m = X.shape[1]
        shares = iter(map_blocks(lambda c: self._share(theta, X[:, c], Y[:, c], m), _blocks(m)))
        E, gradient = next(shares)
        for E_k, gradient_k in shares:
            E += E_k
            gradient += gradient_k
        return E, gradient

    def _share(self, theta: Array, X: Array, Y: Array, m: int) -> tuple[float, Array]:
        """Return what a block of columns adds to E on all m columns and to its gradient."""
        W, b = unpack(theta, self.n)
        gradient, share = np.empty_like(theta), X.shape[1] / m
        Z, A = compute_layers(W, b, self.g, X)
        dA = share * self.error.dA(A[-1], Y)
        fill(unpack(gradient, self.n), W, self.g, Z, A, dA)
        return share * self.error.E(A[-1], Y), gradient

    def objective(self, X: Array, Y: Array, map_blocks: MapBlocks = map) -> Objective:
        """Return E on the pairs (X, Y) as a function of theta alone, theta -> (E, gradient).

        Parameters
        ----------
        X : array of shape (n^0, m)
            The inputs.
        Y : array of shape (n^L, m)
            The targets.
        map_blocks : callable, optional
            How `value_and_gradient` goes over blocks of columns.

        Returns
        -------
        callable
            What `nnlib.gradient_descent` and `nnlib.check_gradient` take.
        """
        return lambda theta: self.value_and_gradient(theta, X, Y, map_blocks)

    def save(self, path: str | os.PathLike[str], theta: Array) -> None:
        """Write n, the names of g and of the error, and theta to a file in NumPy's npz format.

        The file is written beside the target, under its name with random letters and ``.tmp``,
        brought to the disk, and then moved there, so that at every moment the target is the old
        file or the new one, whole, even if the process is killed or the power fails. At most the
        ``.tmp`` file stays behind, which may be deleted.

        Parameters
        ----------
        path : path
            The file, replaced if it is there.
        theta : array of shape (p,)
            The parameters.

        Raises
        ------
        ValueError
            If `theta` does not fit the network, or is not finite, so that no failed training
            replaces what an earlier one has reached.
        OSError
            If the file cannot be written.
        """
        path = check_path("path", path)
        unpack(theta, self.n)
        check_finite(theta=theta)
        temporary = path.with_name(f"{path.name}.{uuid4().hex}.tmp")
        try:
            with temporary.open("xb") as file:
                np.savez(file, theta=theta, **self._description())
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def load(self, path: str | os.PathLike[str]) -> Array:
        """Read the theta that `save` wrote, refusing a file of another network.

        Files of any origin may be tried: nothing in them is executed, and no more of them is read
        than p parameters and a megabyte.

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
        expected = self._description()
        most = 8 * self.p + 2**20  # p numbers, and far more than a description takes
        with check_path("path", path).open("rb") as file:
            content = file.read(most + 1)
        require(len(content) <= most, "{} is larger than a file of p = {} numbers", path, self.p)
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                came, names = arrays.files, ["theta", *expected]
                require(sorted(came) == sorted(names), "it holds {}; expected {}", came, names)
                require(not any(m.compress_type for m in arrays.zip.infolist()), "it is compressed")
                saved = {name: np.asarray(arrays[name]) for name in came}
        except Exception as error:  # whatever damaged or hostile bytes cause in zipfile and NumPy
            raise ValueError(f"{path} is not a file that Network.save wrote: {error}") from error
        for name, value in expected.items():
            came = saved[name].tolist()
            require(
                came == value, "{} was saved with {} = {}; expected {}", path, name, came, value
            )
        unpack(saved["theta"], self.n)
        check_finite(theta=saved["theta"])
        return saved["theta"]

    def _description(self) -> dict[str, Any]:
        return {"n": [*self.n], "g": [g_l.name for g_l in self.g[1:]], "error": self.error.name}

    def _check(self, theta: Array, X: Array) -> None:
        check_array("theta", theta, self.p)
        check_array("X", X, self.n[0], "m")
        check_same_kind(theta=theta, X=X)


def _blocks(m: int, size: int = 1000) -> list[slice]:
    """Return slices of `size` columns, the last one perhaps of fewer, that cover all m."""
    return [slice(start, start + size) for start in range(0, m, size)]
