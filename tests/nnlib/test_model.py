"""Chapters 2 and 3: the sums, the matrix products, and that both are the same network."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import (
    EMPTY,
    Activation,
    backward,
    evaluate,
    forward,
    gradient_by_sums,
    identity,
    pack,
    sigmoid,
    unpack,
)


def test_evaluate_gives_the_numbers_of_a_calculation_by_hand():
    ln3 = np.log(3)
    W = [EMPTY, ln3 * np.array([[1.0, 1.0], [-1.0, 0.0]]), np.array([[4.0, 8.0]])]
    b = [EMPTY, ln3 * np.array([[-1.0], [1.0]]), np.array([[-2.0]])]
    z, a = evaluate(W, b, [identity, sigmoid, identity], np.array([2.0, 1.0]))
    assert z[1] == pytest.approx([2 * ln3, -ln3], rel=1e-15)
    assert a[1] == pytest.approx([9 / 10, 1 / 4], rel=1e-15)
    assert a[2] == z[2] == pytest.approx([3.6 + 2 - 2], rel=1e-15)


@given(data=st.data())
def test_forward_is_evaluate_at_every_column(data, cases, dtype, same):
    W, b, g, X, _ = data.draw(cases).layers(dtype)
    Z, A = forward(W, b, g, X)
    for c in range(X.shape[1]):
        z, a = evaluate(W, b, g, X[:, c])
        assert all(same(Z[l][:, c], z[l]) for l in range(1, len(W)))
        assert all(same(A[l][:, c], a[l]) for l in range(len(W)))


def elu(Z):
    """Return z where it is positive and e^z - 1 elsewhere, by a mask, as arrays have them."""
    A = Z.copy()
    A[Z < 0] = np.expm1(Z[Z < 0])
    return A


def delu(Z, A):
    """Return the derivative of elu, by a mask."""
    slopes = np.ones_like(Z)
    slopes[Z < 0] = A[Z < 0] + 1
    return slopes


def test_activations_may_be_written_for_arrays(dtype, same):
    W, b = unpack(np.linspace(-2, 1, 13, dtype=dtype), (2, 3, 1))
    g = [None, Activation("elu", elu, delu), identity]
    X = np.linspace(-3, 2, 8, dtype=dtype).reshape(2, 4)
    Z, A = forward(W, b, g, X)
    for c in range(4):
        a = evaluate(W, b, g, X[:, c])[1]
        assert same(A[1][:, c], a[1])
        assert same(A[2][:, c], a[2])
    by_sums, by_matrices = (pack(*d(W, g, Z, A, A[2])) for d in (gradient_by_sums, backward))
    assert same(by_sums, by_matrices)


@pytest.mark.parametrize("placeholder", [None, EMPTY, np.empty(0), np.empty((3, 0), np.float32)])
def test_index_0_of_weights_and_biases_may_be_none_or_empty(case, placeholder):
    W, b, g, X, Y = case.layers()
    expected = forward(W, b, g, X)[1][-1]
    W, b, g = [placeholder, *W[1:]], [placeholder, *b[1:]], [placeholder, *g[1:]]
    Z, A = forward(W, b, g, X)
    assert np.array_equal(A[-1], expected)
    assert np.array_equal(evaluate(W, b, g, X[:, 0])[1][0], X[:, 0])
    assert np.array_equal(pack(W, b), case.arrays()[0])
    Z[0] = placeholder
    dW, db = backward(W, g, Z, A, Y)
    by_sums = gradient_by_sums(W, g, Z, A, Y)
    assert pack(dW, db) == pytest.approx(pack(*by_sums), rel=1e-12)


def test_layers_may_be_in_a_tuple_or_an_array_of_objects(case):
    W, b, g, X, _ = case.layers()
    expected = forward(W, b, g, X)[1][-1]
    assert np.array_equal(forward(tuple(W), tuple(b), tuple(g), X)[1][-1], expected)
    assert np.array_equal(forward(W, b, np.array(g, dtype=object), X)[1][-1], expected)


def test_index_0_holds_the_input_and_a_placeholder(case):
    W, b, g, X, _ = case.layers()
    Z, A = forward(W, b, g, X)
    z, a = evaluate(W, b, g, X[:, 0])
    assert A[0] is X
    assert np.array_equal(a[0], X[:, 0])
    assert Z[0] is z[0] is EMPTY


def test_forward_takes_every_layout(case, dtype, layout, same):
    W, b, g, X, _ = case.layers(dtype)
    A = forward([EMPTY, *map(layout, W[1:])], [EMPTY, *map(layout, b[1:])], g, layout(X))[1]
    assert same(A[-1], forward(W, b, g, X)[1][-1])


@pytest.fixture
def layers():
    """A valid network n = (2, 3, 1), for tests to spoil."""
    W = [EMPTY, np.ones((3, 2)), np.ones((1, 3))]
    b = [EMPTY, np.ones((3, 1)), np.ones((1, 1))]
    return {"W": W, "b": b, "g": [identity] * 3}


def test_lists_of_different_lengths_are_refused(layers):
    layers["g"].pop()
    with pytest.raises(ValueError, match=r"W, b, g have \[3, 3, 2\] entries; expected L \+ 1 each"):
        forward(**layers, X=np.ones((2, 4)))


def test_a_network_without_layers_is_refused():
    with pytest.raises(ValueError, match=r"expected L \+ 1 each, L >= 1"):
        evaluate([EMPTY], [EMPTY], [identity], np.ones(2))


@pytest.mark.parametrize(
    ("name", "l", "value", "words"),
    [
        ("W", 2, np.ones((1, 2)), r"W\[2\] has shape \(1, 2\); expected \(n\^2, 3\)"),
        ("W", 1, np.ones(6), r"W\[1\] has shape \(6,\); expected \(n\^1, n\^0\)"),
        ("W", 1, [[1.0, 2.0]], r"W\[1\] is a list; expected a NumPy array"),
        ("W", 2, np.ones((1, 3), np.float32), r"W\[1\] float64, .* W\[2\] float32"),
        ("b", 1, np.ones(3), r"b\[1\] has shape \(3,\).*b\[1\]\.reshape\(-1, 1\)\?"),
        ("b", 1, np.ones((1, 3)), r"b\[1\] has shape \(1, 3\); expected \(3, 1\): b\[1\]\.T\?"),
        ("b", 2, np.ones((1, 1), int), r"b\[2\] has dtype int64; expected float32 or float64"),
        ("b", 2, np.ones((1, 1), np.float32), r"b\[2\] float32; expected the same for all"),
    ],
)
def test_weights_and_biases_that_do_not_fit_are_refused(layers, name, l, value, words):
    layers[name][l] = value
    with pytest.raises(ValueError, match=words):
        forward(**layers, X=np.ones((2, 4)))
    with pytest.raises(ValueError, match=words):
        evaluate(**layers, x=np.ones(2))


@pytest.mark.parametrize(
    ("X", "words"),
    [
        (np.ones((4, 2)), r"X has shape \(4, 2\); expected \(2, m\): X\.T\?"),
        (np.ones((3, 4)), r"X has shape \(3, 4\); expected \(2, m\)$"),
        (np.ones(2), r"X has shape \(2,\); expected \(2, m\): X\.reshape\(-1, 1\)\?"),
        (np.ones((2, 0)), r"X has shape \(2, 0\); expected at least one element"),
        ([[1.0], [2.0]], "X is a list; expected a NumPy array"),
        (np.ones((2, 4), int), r"X has dtype int64.*X\.astype\(np\.float64\)\?"),
        (np.ones((2, 4), np.float16), "X has dtype float16"),
        (np.ones((2, 4), np.float32), r"dtypes are W\[1\] float64, X float32"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(layers, X, words):
    with pytest.raises(ValueError, match=words):
        forward(**layers, X=X)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.ones(3), r"x has shape \(3,\); expected \(2,\)"),
        (np.ones((2, 1)), r"x has shape \(2, 1\); expected \(2,\)"),
        (np.ones(2, np.float32), r"dtypes are W\[1\] float64, x float32"),
        ((1.0, 2.0), "x is a tuple"),
    ],
)
def test_one_input_that_does_not_fit_is_refused(layers, x, words):
    with pytest.raises(ValueError, match=words):
        evaluate(**layers, x=x)
