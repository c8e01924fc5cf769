"""THE example: the small network of chapter 2 that later chapters carry on.

Inputs are integers, W^1 and b^1 integer multiples of ln 3, so that the sigmoid gives
1/10, 1/4, 1/2, 3/4 and 9/10, and every activation, the error and its derivatives by the
parameters are short fractions.
"""

import numpy as np

from nnlib import EMPTY, identity, sigmoid

ln3 = np.log(3)

n = (2, 2, 1)
W = [EMPTY, ln3 * np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([[5.0, -2.0]])]
b = [EMPTY, ln3 * np.array([[-1.0], [-3.0]]), np.array([[-1.0]])]
g = [identity, sigmoid, identity]
X = np.array([[1.0, 1.0, 2.0], [0.0, 2.0, -1.0]])
Y = np.array([[4.0, 1.0, 1.0]])
