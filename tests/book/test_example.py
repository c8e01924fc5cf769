"""THE example of the book, worked out in exact arithmetic and held against the library."""

import math
from fractions import Fraction as F  # noqa: N817

import numpy as np
import pytest

from nnlib import (
    Network,
    backward,
    check_gradient,
    forward,
    gradient_by_sums,
    identity,
    pack,
    sigmoid,
    squared_error,
)

K1, k1 = [[1, -1], [2, 1]], [-1, -3]  # W^1 and b^1 in units of ln 3
W2, b2 = [F(5), F(-2)], F(-1)
INPUTS = [(1, 0), (1, 2), (2, -1)]
TARGETS = [F(4), F(1), F(1)]

A1 = [[F(1, 2), F(1, 10), F(9, 10)], [F(1, 4), F(3, 4), F(1, 2)]]
A2 = [F(1), F(-2), F(5, 2)]
E = F(27, 8)
DZ2 = [F(-1), F(-1), F(1, 2)]
DW1, DB1 = [[F(-5, 4), F(-9, 8)], [F(1, 4), F(1)]], [F(-59, 40), F(1, 2)]
DW2, DB2 = [F(-3, 20), F(-3, 4)], F(-3, 2)


@pytest.fixture
def example(root, load_module):
    return load_module(root / "notebooks" / "example.py")


def sigma(k: int) -> F:
    """Return the sigmoid of k ln 3."""
    return F(3) ** k / (F(3) ** k + 1)


def test_activations_are_the_fractions_that_the_book_prints():
    for c, x in enumerate(INPUTS):
        sums = [K1[i][0] * x[0] + K1[i][1] * x[1] + k1[i] for i in range(2)]
        assert [sigma(k) for k in sums] == [A1[0][c], A1[1][c]]
        assert W2[0] * A1[0][c] + W2[1] * A1[1][c] + b2 == A2[c]
    assert {a for row in A1 for a in row} == {F(1, 10), F(1, 4), F(1, 2), F(3, 4), F(9, 10)}


def test_error_and_derivatives_are_short_fractions():
    assert sum((a - y) ** 2 for a, y in zip(A2, TARGETS, strict=True)) / 6 == E
    assert [(a - y) / 3 for a, y in zip(A2, TARGETS, strict=True)] == DZ2
    assert [sum(DZ2[c] * A1[i][c] for c in range(3)) for i in range(2)] == DW2
    assert sum(DZ2) == DB2
    dz1 = [[W2[i] * DZ2[c] * A1[i][c] * (1 - A1[i][c]) for c in range(3)] for i in range(2)]
    assert [sum(row) for row in dz1] == DB1
    assert [
        [sum(dz1[i][c] * INPUTS[c][j] for c in range(3)) for j in range(2)] for i in range(2)
    ] == DW1


def test_module_holds_the_example(example):
    assert example.n == (2, 2, 1)
    assert example.g[1:] == [sigmoid, identity]
    np.testing.assert_allclose(example.W[1], math.log(3) * np.array(K1), rtol=1e-15)
    np.testing.assert_allclose(example.b[1][:, 0], math.log(3) * np.array(k1), rtol=1e-15)
    assert example.W[2].tolist() == [[5, -2]]
    assert example.b[2].tolist() == [[-1]]
    assert example.X.T.tolist() == [list(x) for x in INPUTS]
    assert example.Y.tolist() == [[4, 1, 1]]


def test_library_computes_the_fractions(example):
    Z, A = forward(example.W, example.b, example.g, example.X)
    np.testing.assert_allclose(A[1], np.array(A1, float), rtol=1e-14)
    np.testing.assert_allclose(A[2], np.array([A2], float), rtol=1e-14)
    assert squared_error(A[2], example.Y) == pytest.approx(float(E), rel=1e-14)
    dA = squared_error.dA(A[2], example.Y)
    for gradient in (backward, gradient_by_sums):
        dW, db = gradient(example.W, example.g, Z, A, dA)
        np.testing.assert_allclose(dW[1], np.array(DW1, float), rtol=1e-13)
        np.testing.assert_allclose(db[1][:, 0], np.array(DB1, float), rtol=1e-13)
        np.testing.assert_allclose(dW[2], np.array([DW2], float), rtol=1e-13)
        np.testing.assert_allclose(db[2], [[float(DB2)]], rtol=1e-13)


def test_differences_confirm_the_derivatives(example):
    network = Network(example.n, (sigmoid, identity))
    theta = pack(example.W, example.b)
    assert check_gradient(network.objective(example.X, example.Y), theta, tolerance=1e-8) < 1e-8
