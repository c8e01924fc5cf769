"""Neural networks from first principles: the library beside the book.

One module for what a chapter derives, in its symbols: inputs are the columns of X, ``W[l]`` is
W^l, and the parameters of a network are one vector theta.

>>> import numpy as np
>>> from nnlib import Network, gradient_descent, identity, random_normal, sigmoid
>>> X = np.linspace(-5, 5, 100).reshape(1, -1)
>>> network = Network((1, 20, 1), (sigmoid, identity))
>>> theta = random_normal(network.n, np.random.default_rng(0), scale=0.2)
>>> E = network.objective(X, np.sin(X))
>>> theta = gradient_descent(E, theta, rate=0.1, steps=2000)
>>> E(theta)[0] < 0.2
True
"""

from nnlib._checks import EMPTY
from nnlib.activations import (
    Activation,
    gelu,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softplus,
    tanh,
)
from nnlib.backprop import backward, gradient_by_sums
from nnlib.derivatives import check_gradient, numerical_gradient
from nnlib.descent import (
    Descent,
    adam,
    constant_step,
    gradient_descent,
    line_search,
    momentum,
)
from nnlib.digits import MNIST, accuracy, count_steps, load_mnist, minibatches, one_hot
from nnlib.errors import ErrorFunction, softmax, softmax_cross_entropy, squared_error
from nnlib.model import evaluate, forward
from nnlib.network import Network
from nnlib.parameters import (
    count_parameters,
    glorot_normal,
    he_normal,
    pack,
    random_normal,
    unpack,
)
from nnlib.regression import line, line_through_origin, linear_regression

__version__ = "0.2.0"

__all__ = [
    "EMPTY",
    "MNIST",
    "Activation",
    "Descent",
    "ErrorFunction",
    "Network",
    "accuracy",
    "adam",
    "backward",
    "check_gradient",
    "constant_step",
    "count_parameters",
    "count_steps",
    "evaluate",
    "forward",
    "gelu",
    "glorot_normal",
    "gradient_by_sums",
    "gradient_descent",
    "he_normal",
    "identity",
    "leaky_relu",
    "line",
    "line_search",
    "line_through_origin",
    "linear_regression",
    "load_mnist",
    "minibatches",
    "momentum",
    "numerical_gradient",
    "one_hot",
    "pack",
    "random_normal",
    "relu",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "squared_error",
    "tanh",
    "unpack",
]
