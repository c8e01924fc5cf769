"""Activation functions, each a named pair of g and its derivative g' (chapter 8)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from nnlib._checks import Array, check_array, check_functions, check_name, try_activation


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
        If it is called for anything but a number or an array of float32 or float64. Also if `name`
        is not a string, if `g` or `dg` does not return an array like `Z`, or if `g` mixes the
        elements of `Z`. Both are tried on small arrays of either dtype when the activation is made.
        Whether `dg` is the derivative of `g` is for `nnlib.check_gradient` to say.

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
        check_name(self.name)
        check_functions(g=self.g, dg=self.dg)
        try_activation(self.g, self.dg)

    def __call__(self, Z: Array) -> Array:
        """Return g(Z), element by element; a number of Python counts as a float64."""
        if isinstance(Z, int | float):
            Z = np.float64(Z)
        check_array("Z", Z)
        return self.g(Z)

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle an activation of this module by its name, any other by what it was made from."""
        is_of_this_module = globals().get(self.name) is self
        return self.name if is_of_this_module else (type(self), (self.name, self.g, self.dg))


Activations: TypeAlias = Sequence[Any]
"""An Activation for each layer, the entry g[l] for layer l; g[0] is a placeholder."""


def _sigmoid(Z: Array) -> Array:
    # 1 / (1 + r) where z >= 0, and r / (1 + r) where z < 0, with r = e^{-|z|}, which does not
    # overflow. Since r <= 1, the maximum is np.where(Z >= 0, 1, r), in less time.
    r = np.exp(-np.abs(Z))
    A: Array = np.maximum(r, Z >= 0, dtype=Z.dtype) / (1 + r)
    return A


def _dsigmoid(Z: Array, A: Array) -> Array:
    dA: Array = 1 - A
    dA *= A
    return dA


def _leaky_relu(Z: Array) -> Array:
    A: Array = np.maximum(Z, 0.01 * Z)
    return A


def _slopes(Z: Array, left: float) -> Array:
    """Return 1 where Z is positive and `left` elsewhere."""
    # This is np.where(Z > 0, 1, left) in a twelfth of the time.
    slopes: Array = np.maximum(Z > 0, left, dtype=Z.dtype)
    return slopes


def _softplus(Z: Array) -> Array:
    # This is log(1 + e^z), in a form that does not overflow.
    A: Array = np.maximum(Z, 0) + np.log1p(np.exp(-np.abs(Z)))
    return A


# The approximation of GELU is z/2 (1 + tanh u) with u = s (z + c z^3).
_S = math.sqrt(2 / math.pi)
_C = 0.044715


def _gelu_tanh(Z: Array) -> Array:
    Z = np.clip(Z, -10, 10)  # beyond, the tanh is -1 or 1 to the last digit, and Z^3 may overflow
    T: Array = np.tanh(_S * (Z + _C * Z**3))
    return T


def _gelu(Z: Array) -> Array:
    return Z * (0.5 * (1 + _gelu_tanh(Z)))


def _dgelu(Z: Array, A: Array) -> Array:
    T = _gelu_tanh(Z)
    Z = np.clip(Z, -10, 10)
    du = _S * (1 + 3 * _C * Z**2)
    slope: Array = 0.5 * (1 + T) + 0.5 * Z * (1 - T**2) * du
    return slope


# fmt: off
identity   = Activation("identity",   lambda Z: Z,                lambda Z, A: np.ones_like(Z))
sigmoid    = Activation("sigmoid",    _sigmoid,                   _dsigmoid)
tanh       = Activation("tanh",       np.tanh,                    lambda Z, A: 1 - A**2)
relu       = Activation("relu",       lambda Z: np.maximum(Z, 0), lambda Z, A: _slopes(Z, 0))
leaky_relu = Activation("leaky_relu", _leaky_relu,                lambda Z, A: _slopes(Z, 0.01))
softplus   = Activation("softplus",   _softplus,                  lambda Z, A: _sigmoid(Z))
gelu       = Activation("gelu",       _gelu,                      _dgelu)
# fmt: on
