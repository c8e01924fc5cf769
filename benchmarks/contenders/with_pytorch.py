"""An epoch with PyTorch, eager: modules, autograd and its SGD in its fused form."""

from itertools import pairwise

import numpy as np
import torch
from torch.nn.functional import mse_loss

from nnlib import EMPTY, pack, unpack

HIDDEN = {"sigmoid": torch.nn.Sigmoid, "relu": torch.nn.ReLU}


def squared_error(A: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
    return mse_loss(A, Y, reduction="sum") / (2 * len(A))


def build(n: tuple[int, ...], hidden: str = "sigmoid") -> tuple[torch.nn.Sequential, list]:
    """Return the network, and its layers that have parameters."""
    layers = [torch.nn.Linear(*pair) for pair in pairwise(n)]
    modules = [module for layer in layers[:-1] for module in (layer, HIDDEN[hidden]())]
    return torch.nn.Sequential(*modules, layers[-1]), layers


def put(theta: np.ndarray, n: tuple[int, ...], layers: list) -> None:
    """Make the parameters of the layers those of theta."""
    W, b = unpack(theta, n)
    with torch.no_grad():
        for l, layer in enumerate(layers, start=1):
            layer.weight.copy_(torch.from_numpy(W[l]))
            layer.bias.copy_(torch.from_numpy(b[l][:, 0]))


class Contender:
    def __init__(self, n: tuple[int, ...], X: np.ndarray, Y: np.ndarray, rate: float) -> None:
        self.n = n
        self.X, self.Y = torch.from_numpy(X.T), torch.from_numpy(Y.T)
        self.model, self.layers = build(n)
        self.descent = torch.optim.SGD(self.model.parameters(), lr=rate, fused=True)

    def start(self, theta: np.ndarray) -> None:
        put(theta, self.n, self.layers)

    def epoch(self, size: int, rng: np.random.RandomState) -> None:
        if size == len(self.X):
            self.step(self.X, self.Y)
        else:
            for batch in torch.from_numpy(rng.permutation(len(self.X))).split(size):
                self.step(self.X.index_select(0, batch), self.Y.index_select(0, batch))

    def step(self, X: torch.Tensor, Y: torch.Tensor) -> None:
        self.descent.zero_grad()
        squared_error(self.model(X), Y).backward()
        self.descent.step()

    def parameters(self) -> np.ndarray:
        W = [layer.weight.detach().numpy() for layer in self.layers]
        b = [layer.bias.detach().numpy().reshape(-1, 1) for layer in self.layers]
        return pack([EMPTY, *W], [EMPTY, *b])
