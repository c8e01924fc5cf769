"""Activation functions, each a named pair of g and its derivative g' (chapter 8)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nnlib._checks import EXPECTED, PROBE, Array, check_functions, check_like, require


@dataclass(frozen=True)
class Activation:
    """An activation function g: R -> R with its derivative, applied element by element.

    Call it for g, as in ``A = sigmoid(Z)``; its derivative is ``sigmoid.dg(Z, A)``.

    Attributes
    ----------
    name : str
        The name under which a saved network records it.
    g : callable
        ``g(Z)`` is an array of the shape and dtype of `Z`.
    dg : callable
        ``dg(Z, A)`` is g'(Z), an array of the shape and dtype of `Z`, where ``A = g(Z)``
        is passed along because some derivatives are shorter in terms of it.

    Raises
    ------
    ValueError
        If `name` is no string, or `g` or `dg` does not return an array like `Z` when they are tried
        on a small array of float64, which happens once, when the activation is made.

    Notes
    -----
    Source: equations (8.6), (8.7), (8.9), (8.10), (8.12), (8.13) and (8.14), chapter 8.

    Examples
    --------
    >>> Z = np.array([[0.0, np.log(3)]])
    >>> A = sigmoid(Z)
    >>> print(A, sigmoid.dg(Z, A))
    [[0.5  0.75]] [[0.25   0.1875]]
    """

    name: str
    g: Callable[[Array], Array]
    dg: Callable[[Array, Array], Array]

    def __post_init__(self) -> None:
        require(isinstance(self.name, str), EXPECTED, "name", self.name, "a string")
        check_functions(g=self.g, dg=self.dg)
        check_like("g(Z)", self.g(PROBE), "Z", PROBE)
        check_like("dg(Z, A)", self.dg(PROBE, self.g(PROBE)), "Z", PROBE)

    def __call__(self, Z: Array) -> Array:
        """Return g(Z), element by element."""
        return self.g(Z)

    def __repr__(self) -> str:
        return self.name

    __reduce__ = __repr__


Activations: TypeAlias = Sequence[Activation]


def _sigmoid(Z: Array) -> Array:
    A: Array = np.exp(np.minimum(Z, 0)) / (1 + np.exp(-np.abs(Z)))
    return A


def _leaky_relu(Z: Array) -> Array:
    A: Array = np.maximum(Z, 0.01 * Z)
    return A


def _step(Z: Array, low: float) -> Array:
    slopes: Array = np.maximum(Z > 0, low, dtype=Z.dtype)
    return slopes


def _softplus(Z: Array) -> Array:
    A: Array = np.maximum(Z, 0) + np.log1p(np.exp(-np.abs(Z)))
    return A


def _gelu_parts(Z: Array) -> tuple[Array, Array]:
    """Return T = tanh(u(Z)) and u'(Z), clipped where T is -1 or 1 to the last digit."""
    C = np.clip(Z, -10, 10)
    s = float(np.sqrt(2 / np.pi))
    return np.tanh(s * C * (1 + 0.044715 * C**2)), s * (1 + 0.134145 * C**2)


def _gelu(Z: Array) -> Array:
    return Z * (0.5 * (1 + _gelu_parts(Z)[0]))


def _dgelu(Z: Array, A: Array) -> Array:
    T, du = _gelu_parts(Z)
    return 0.5 * (1 + T) + 0.5 * np.clip(Z, -10, 10) * (1 - T**2) * du


# fmt: off
identity   = Activation("identity",   lambda Z: Z,                lambda Z, A: np.ones_like(Z))
sigmoid    = Activation("sigmoid",    _sigmoid,                   lambda Z, A: A * (1 - A))
tanh       = Activation("tanh",       np.tanh,                    lambda Z, A: 1 - A**2)
relu       = Activation("relu",       lambda Z: np.maximum(Z, 0), lambda Z, A: _step(Z, 0))
leaky_relu = Activation("leaky_relu", _leaky_relu,                lambda Z, A: _step(Z, 0.01))
softplus   = Activation("softplus",   _softplus,                  lambda Z, A: _sigmoid(Z))
gelu       = Activation("gelu",       _gelu,                      _dgelu)
# fmt: on
