"""The network in Keras with TensorFlow: inputs are rows, a tape records."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def leaky_relu(Z):
    """Leaky ReLU; TensorFlow's keeps its slope in float32."""
    return ops.maximum(0.01 * Z, Z)


def gelu(Z):
    """GELU with tanh; TensorFlow's keeps its constants in float32."""
    u = np.sqrt(2 / np.pi) * (Z + 0.044715 * Z**3)
    return 0.5 * Z * (1 + ops.tanh(u))


ACTIVATIONS = {
    "identity": "linear",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "leaky_relu": leaky_relu,
    "softplus": "softplus",
    "gelu": gelu,
}


def build(W, b, g):
    """Return the network with these parameters, which are part of it."""
    model = keras.Sequential([keras.Input((W[1].shape[1],), dtype="float64")])
    weights = []
    for l in range(1, len(W)):
        units, activation = len(b[l]), ACTIVATIONS[g[l]]
        model.add(keras.layers.Dense(units, activation, dtype="float64"))
        weights += [W[l].T, b[l].ravel()]  # a kernel is transposed
    model.set_weights(weights)
    return model


mse = keras.losses.MeanSquaredError(dtype="float64")


def squared_error(Y, A):
    return Y.shape[1] / 2 * mse(Y, A)  # a mean over all m n^L elements


ERRORS = {
    "squared_error": squared_error,  # the targets come first
    "softmax_cross_entropy": keras.losses.CategoricalCrossentropy(
        from_logits=True, dtype="float64"
    ),
}


def packed(arrays):
    """Return kernels and biases as one vector, in the order of the book."""
    return np.concatenate([np.transpose(array).ravel() for array in arrays])


def run(W, b, g, error, X, Y, rate, steps):
    """Return the outputs, E, its gradient, and theta after steps of descent."""
    X, Y = X.T, Y.T  # one input a row
    model = build(W, b, g)

    def evaluate():
        with tf.GradientTape() as tape:
            A = model(X)
            E = ERRORS[error](Y, A)
        return A, E, tape.gradient(E, model.trainable_variables)

    A, E, gradient = evaluate()
    # A rate that is a plain number would be rounded to float32.
    optimizer = keras.optimizers.SGD(lambda: tf.constant(rate, tf.float64))
    for _ in range(steps):
        optimizer.apply(evaluate()[2], model.trainable_variables)
    return A.numpy().T, float(E), packed(gradient), packed(model.get_weights())
