"""An epoch with scikit-learn: MLPRegressor.partial_fit, which shuffles and steps by itself."""

import numpy as np
from sklearn.neural_network import MLPRegressor

from nnlib import EMPTY, pack, unpack


class Contender:
    def __init__(self, n: tuple[int, ...], X: np.ndarray, Y: np.ndarray, rate: float) -> None:
        self.n, self.X, self.Y = n, X.T, Y.T
        self.rng = np.random.RandomState()
        self.model = MLPRegressor(
            hidden_layer_sizes=n[1:-1],
            activation="logistic",
            solver="sgd",
            learning_rate_init=rate,
            alpha=0,
            momentum=0,
            nesterovs_momentum=False,
            batch_size=1,
            random_state=self.rng,
        )
        self.model.partial_fit(self.X[:1], self.Y[:1])  # makes the arrays of the parameters

    def start(self, theta: np.ndarray) -> None:
        W, b = unpack(theta, self.n)
        for l in range(1, len(W)):
            self.model.coefs_[l - 1][:] = W[l].T
            self.model.intercepts_[l - 1][:] = b[l][:, 0]

    def epoch(self, size: int, rng: np.random.RandomState) -> None:
        self.rng.set_state(rng.get_state())
        self.model.set_params(batch_size=size, shuffle=size < len(self.X))
        self.model.partial_fit(self.X, self.Y)

    def parameters(self) -> np.ndarray:
        W, b = self.model.coefs_, self.model.intercepts_
        return pack([EMPTY, *(W_l.T for W_l in W)], [EMPTY, *(b_l.reshape(-1, 1) for b_l in b)])
