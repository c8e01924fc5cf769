"""The network in nnlib: inputs are columns, parameters are one vector."""

import nnlib


def run(W, b, g, error, X, Y, rate, steps):
    """Return the outputs, E, its gradient, and theta after steps of descent."""
    n = [X.shape[0]] + [len(b_l) for b_l in b[1:]]
    activations = [getattr(nnlib, name) for name in g[1:]]
    network = nnlib.Network(n, activations, getattr(nnlib, error))

    theta = nnlib.pack(W, b)
    A = network(theta, X)
    E, gradient = network.value_and_gradient(theta, X, Y)

    objective = network.objective(X, Y)
    theta = nnlib.gradient_descent(objective, theta, rate, steps)
    return A, E, gradient, theta
