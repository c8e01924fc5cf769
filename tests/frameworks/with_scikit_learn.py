"""The network in scikit-learn: inputs are rows, and a first fit makes it."""

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

ACTIVATIONS = {
    "identity": "identity",
    "sigmoid": "logistic",
    "tanh": "tanh",
    "relu": "relu",
}


def build(W, b, g, error, X, Y, rate):
    """Return a network that descends at the rate, with all inputs a step."""
    kind = MLPRegressor if error == "squared_error" else MLPClassifier
    model = kind(
        hidden_layer_sizes=[len(b_l) for b_l in b[1:-1]],
        activation=ACTIVATIONS[g[1]],  # of every hidden layer
        solver="sgd",  # not Adam
        momentum=0,  # not 0.9
        alpha=0,  # no weight decay
        learning_rate_init=rate,
        batch_size=len(X),  # not at most 200
    )
    step(model, X, Y)  # makes the arrays, which then get our values
    for l in range(1, len(W)):
        model.coefs_[l - 1] = W[l].T.copy()  # transposed; steps write into it
        model.intercepts_[l - 1] = b[l].flatten()
    return model


def step(model, X, Y):
    """Take a step; the error before it, an evaluation, is then in loss_."""
    if isinstance(model, MLPClassifier):  # wants labels: 0, 1, 2, ...
        model.partial_fit(X, Y.argmax(axis=1), classes=np.arange(Y.shape[1]))
    else:  # wants an array with one axis if there is one output
        model.partial_fit(X, Y.ravel() if Y.shape[1] == 1 else Y)


def packed(model):
    """Return all parameters as one vector, in the order of the book."""
    layers = zip(model.coefs_, model.intercepts_, strict=True)
    arrays = [array for layer in layers for array in layer]
    return np.concatenate([array.T.ravel() for array in arrays])


def run(W, b, g, error, X, Y, rate, steps):
    """Return the outputs, E, its gradient, and theta after steps of descent."""
    X, Y = X.T, Y.T  # one input a row
    model = build(W, b, g, error, X, Y, rate=1.0)
    if error == "squared_error":
        A = model.predict(X).reshape(Y.shape)
    else:
        A = model.predict_proba(X)  # softmax(A^L), not A^L

    theta = packed(model)
    step(model, X, Y)
    gradient = theta - packed(model)  # a step at rate 1 is the gradient
    E = model.loss_
    if error == "squared_error":
        E *= Y.shape[1]  # loss_ is divided by n^L, unlike the gradient

    model = build(W, b, g, error, X, Y, rate)
    for _ in range(steps):
        step(model, X, Y)
    return A.T, E, gradient, packed(model)
