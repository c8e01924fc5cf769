"""The network in PyTorch: inputs are rows, parameters belong to modules."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.nn.utils import parameters_to_vector

ACTIVATIONS = {
    "identity": nn.Identity(),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "relu": nn.ReLU(),
    "leaky_relu": nn.LeakyReLU(negative_slope=0.01),
    "softplus": nn.Softplus(threshold=40),  # by default max(0, z) from 20 on
    "gelu": nn.GELU(approximate="tanh"),
}


def build(W, b, g):
    """Return the network with these parameters, which are part of it."""
    model = nn.Sequential()
    for l in range(1, len(W)):
        n_out, n_in = W[l].shape
        linear = nn.Linear(n_in, n_out)
        linear.weight = nn.Parameter(torch.tensor(W[l]))  # as in the book
        linear.bias = nn.Parameter(torch.tensor(b[l].ravel()))  # one axis
        model.append(linear)
        model.append(ACTIVATIONS[g[l]])
    return model


def squared_error(A, Y):
    return Y.shape[1] / 2 * mse_loss(A, Y)  # a mean over all m n^L elements


ERRORS = {
    "squared_error": squared_error,
    "softmax_cross_entropy": cross_entropy,  # of logits, a mean over rows
}


def run(W, b, g, error, X, Y, rate, steps):
    """Return the outputs, E, its gradient, and theta after steps of descent."""
    X, Y = torch.tensor(X.T), torch.tensor(Y.T)  # one input a row
    model = build(W, b, g)
    A = model(X)
    E = ERRORS[error](A, Y)
    E.backward()  # leaves the derivatives in the parameters
    gradient = parameters_to_vector(p.grad for p in model.parameters())

    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()  # or backward would add to what is there
        ERRORS[error](model(X), Y).backward()
        optimizer.step()
    theta = parameters_to_vector(model.parameters()).detach()
    return A.detach().numpy().T, E.item(), gradient.numpy(), theta.numpy()
