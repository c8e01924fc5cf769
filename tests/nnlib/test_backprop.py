"""Chapters 6 and 7: the derivatives by sums, by matrices, and that both are the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import (
    EMPTY,
    backward,
    forward,
    gradient_by_sums,
    identity,
    numerical_gradient,
    pack,
    sigmoid,
    squared_error,
    unpack,
)

BOTH = pytest.mark.parametrize("gradient", [backward, gradient_by_sums])


@given(data=st.data())
def test_matrices_give_the_same_as_sums(data, cases, dtype, same):
    W, b, g, X, Y = data.draw(cases).layers(dtype)
    Z, A = forward(W, b, g, X)
    dA = squared_error.dA(A[-1], Y)
    by_matrices, by_sums = backward(W, g, Z, A, dA), gradient_by_sums(W, g, Z, A, dA)
    for l in range(1, len(W)):
        assert all(same(d[l], s[l]) for d, s in zip(by_matrices, by_sums, strict=True))


def test_sums_are_derivatives_where_layers_branch(case):
    W, b, g, X, Y = case.layers()
    Z, A = forward(W, b, g, X)
    by_sums = pack(*gradient_by_sums(W, g, Z, A, squared_error.dA(A[-1], Y)))

    def E(theta):
        return squared_error(forward(*unpack(theta, case.n), g, X)[1][-1], Y)

    assert by_sums == pytest.approx(numerical_gradient(E, pack(W, b)), rel=1e-7, abs=1e-9)


@BOTH
def test_the_numbers_of_a_calculation_by_hand(gradient):
    W = [EMPTY, np.log(3) * np.array([[1.0]]), np.array([[4.0]])]
    b = [EMPTY, np.zeros((1, 1)), np.zeros((1, 1))]
    g = [identity, sigmoid, identity]
    Z, A = forward(W, b, g, np.array([[1.0, -2.0]]))  # A[1] is 3/4, 1/10
    dW, db = gradient(W, g, Z, A, dA=np.array([[2.0, 10.0]]))
    assert dW[2] == pytest.approx(np.array([[2 * 3 / 4 + 10 / 10]]), rel=1e-14)
    assert db[2] == 12
    # dA[1] is 8, 40 and dZ[1] is 8 (3/4) (1/4), 40 (1/10) (9/10)
    assert dW[1] == pytest.approx(np.array([[1.5 - 2 * 3.6]]), rel=1e-14)
    assert db[1] == pytest.approx(np.array([[1.5 + 3.6]]), rel=1e-14)


@BOTH
def test_every_layout_is_taken(gradient, case, dtype, layout, same):
    W, b, g, X, Y = case.layers(dtype)
    Z, A = forward(W, b, g, X)
    dA = squared_error.dA(A[-1], Y)
    expected = gradient(W, g, Z, A, dA)
    laid_out = [[layout(M) for M in matrices] for matrices in (W, Z, A)]
    actual = gradient(laid_out[0], g, laid_out[1], laid_out[2], layout(dA))
    for l in range(1, len(W)):
        assert all(same(d[l], s[l]) for d, s in zip(actual, expected, strict=True))


@BOTH
def test_what_came_in_is_left_as_it_was(gradient, case):
    W, b, g, X, Y = case.layers()
    Z, A = forward(W, b, g, X)
    arrays = [*Z, *A, squared_error.dA(A[-1], Y)]
    copies = [x.copy() for x in arrays]
    gradient(W, g, Z, A, arrays[-1])
    assert all(map(np.array_equal, arrays, copies))


@BOTH
def test_index_0_holds_placeholders(gradient, case):
    W, b, g, X, Y = case.layers()
    Z, A = forward(W, b, g, X)
    dW, db = gradient(W, g, Z, A, squared_error.dA(A[-1], Y))
    assert dW[0] is db[0] is EMPTY
    assert len(dW) == len(db) == len(W)


@BOTH
@pytest.mark.parametrize(
    ("dA", "words"),
    [
        (
            np.ones((2, 7), np.float32),
            r"dtypes are A\[0\] float64, dA float32, .* expected the same",
        ),
        (np.ones((7, 2)), r"dA has shape \(7, 2\); expected \(2, 7\): dA\.T\?"),
        (np.ones(7), r"dA has shape \(7,\); expected \(2, 7\)"),
        (1.0, "dA is a float; expected a NumPy array"),
    ],
)
def test_a_derivative_that_does_not_fit_is_refused(gradient, case, dA, words):
    W, b, g, X, _ = case.layers()
    Z, A = forward(W, b, g, X)
    with pytest.raises(ValueError, match=words):
        gradient(W, g, Z, A, dA)


@BOTH
def test_lists_of_different_lengths_are_refused(gradient, case):
    W, b, g, X, Y = case.layers()
    Z, A = forward(W, b, g, X)
    with pytest.raises(
        ValueError, match=r"W, g, Z, A have \[4, 4, 3, 4\] entries; expected L \+ 1 each"
    ):
        gradient(W, g, Z[:-1], A, Y)
    with pytest.raises(ValueError, match="L >= 1, with a placeholder at index 0"):
        gradient(W[:1], g[:1], Z[:1], A[:1], Y)


def test_what_backward_returns_are_views_into_one_vector_in_the_order_of_pack(case, dtype):
    W, b, g, X, Y = case.layers(dtype)
    Z, A = forward(W, b, g, X)
    dW, db = backward(W, g, Z, A, squared_error.dA(A[-1], Y))
    (vector,) = {id(d.base): d.base for d in (*dW[1:], *db[1:])}.values()
    assert np.array_equal(vector, pack(dW, db))


@BOTH
@pytest.mark.parametrize("name", ["Z", "A"])
def test_the_layer_that_does_not_fit_is_named(gradient, case, name):
    W, b, g, X, Y = case.layers()
    Z, A = forward(W, b, g, X)
    lists = {"Z": Z, "A": A}
    lists[name][2] = lists[name][2][:, :-1]
    with pytest.raises(ValueError, match=rf"{name}\[2\] has shape \(4, 6\); expected \(4, 7\)"):
        gradient(W, g, Z, A, Y)
