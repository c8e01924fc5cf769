"""An epoch with PyTorch, eager: modules, autograd and its SGD in its fused form."""

from itertools import pairwise

import numpy as np
import torch
from torch.nn.functional import mse_loss

from nnlib import EMPTY, pack, unpack


class Contender:
    def __init__(self, n: tuple[int, ...], X: np.ndarray, Y: np.ndarray, rate: float) -> None:
        self.n = n
        self.X, self.Y = torch.from_numpy(X.T), torch.from_numpy(Y.T)
        layers = [torch.nn.Linear(*pair) for pair in pairwise(n)]
        hidden = [module for layer in layers[:-1] for module in (layer, torch.nn.Sigmoid())]
        self.layers, self.model = layers, torch.nn.Sequential(*hidden, layers[-1])
        self.descent = torch.optim.SGD(self.model.parameters(), lr=rate, fused=True)

    def start(self, theta: np.ndarray) -> None:
        W, b = unpack(theta, self.n)
        with torch.no_grad():
            for l, layer in enumerate(self.layers, start=1):
                layer.weight.copy_(torch.from_numpy(W[l]))
                layer.bias.copy_(torch.from_numpy(b[l][:, 0]))

    def epoch(self, size: int, rng: np.random.RandomState) -> None:
        order = torch.from_numpy(rng.permutation(len(self.X)))
        for batch in order.split(size):
            X, Y = self.X.index_select(0, batch), self.Y.index_select(0, batch)
            self.descent.zero_grad()
            error = mse_loss(self.model(X), Y, reduction="sum") / (2 * len(batch))
            error.backward()
            self.descent.step()

    def parameters(self) -> np.ndarray:
        W = [layer.weight.detach().numpy() for layer in self.layers]
        b = [layer.bias.detach().numpy().reshape(-1, 1) for layer in self.layers]
        return pack([EMPTY, *W], [EMPTY, *b])
