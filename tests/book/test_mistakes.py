"""The seven programs of chapter 7: the right one is right, and the others differ in one place."""

import numpy as np
import pytest

from nnlib import (
    Network,
    backward,
    check_gradient,
    forward,
    gradient_descent,
    pack,
    random_normal,
    squared_error,
    unpack,
)

WRONG = ["no 1/m", "no transpose", "slope at a", "one input", "slope by >=", "new weights"]


@pytest.fixture
def mistakes(root, load_module):
    return load_module(root / "notebooks" / "mistakes.py")


def start(mistakes, seed):
    return random_normal(mistakes.n, np.random.default_rng(seed), scale=0.7)


def after_a_step(mistakes, name, theta):
    W, b = unpack(theta, mistakes.n)
    mistakes.program(name)(W, b, mistakes.X, mistakes.Y, 0.05)
    return pack(W, b)


@pytest.mark.parametrize("seed", range(10))
def test_right_program_takes_a_step_along_the_gradient(mistakes, seed):
    theta = start(mistakes, seed)
    W, b = unpack(theta, mistakes.n)
    Z, A = forward(W, b, mistakes.g, mistakes.X)
    dW, db = backward(W, mistakes.g, Z, A, squared_error.dA(A[3], mistakes.Y))
    expected = theta - 0.05 * pack(dW, db)
    np.testing.assert_allclose(
        after_a_step(mistakes, "right", theta), expected, rtol=1e-12, atol=1e-14
    )


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_program_takes_another_step(mistakes, name):
    theta = start(mistakes, 1)
    right = after_a_step(mistakes, "right", theta)
    wrong = after_a_step(mistakes, name, theta)
    assert not np.allclose(wrong, right, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("steps", [0, 3000])
@pytest.mark.parametrize("name", ["right", *WRONG])
def test_gradient_check_rejects_wrong_programs_only(mistakes, name, steps):
    """At a random start, and where a training has come close to a minimum."""
    E = Network(mistakes.n, mistakes.g).objective(mistakes.X, mistakes.Y)
    theta = gradient_descent(E, start(mistakes, 1), rate=0.05, steps=steps)

    def f(theta):
        return E(theta)[0], (theta - after_a_step(mistakes, name, theta)) / 0.05

    if name == "right":
        assert check_gradient(f, theta) < 1e-6
    else:
        with pytest.raises(AssertionError, match="relative error"):
            check_gradient(f, theta)


def test_six_programs_are_wrong(mistakes):
    assert list(mistakes.CHANGES) == WRONG
    assert sorted(mistakes.SHUFFLED) == sorted(mistakes.NAMES) == sorted(["right", *WRONG])


@pytest.mark.parametrize("name", ["right", *WRONG])
def test_a_network_in_a_stack_is_trained_as_it_is_alone(mistakes, name):
    W, b = mistakes.starts(3)
    for _ in range(3):
        mistakes.program(name)(W, b, mistakes.X, mistakes.Y, 0.05)
    for seed in range(3):
        theta = start(mistakes, seed)
        for _ in range(3):
            theta = after_a_step(mistakes, name, theta)
        alone = unpack(theta, mistakes.n)
        for stack, lists in zip((W, b), alone, strict=True):
            for l in (1, 2, 3):
                np.testing.assert_allclose(stack[l][seed], lists[l], rtol=1e-9, atol=1e-12)


def test_last_layer_alone_leaves_the_others_as_they_are(mistakes):
    theta = start(mistakes, 1)
    W, b = unpack(after_a_step(mistakes, "last layer alone", theta), mistakes.n)
    W_0, b_0 = unpack(theta, mistakes.n)
    W_1, b_1 = unpack(after_a_step(mistakes, "right", theta), mistakes.n)
    for l in (1, 2):
        assert np.array_equal(W[l], W_0[l])
        assert np.array_equal(b[l], b_0[l])
    assert np.array_equal(W[3], W_1[3])
    assert np.array_equal(b[3], b_1[3])


def test_hidden_reversed_turns_the_gradient_of_the_hidden_layers_round(mistakes):
    theta = start(mistakes, 1)
    W, b = unpack(after_a_step(mistakes, "hidden reversed", theta) - theta, mistakes.n)
    W_1, b_1 = unpack(after_a_step(mistakes, "right", theta) - theta, mistakes.n)
    for l, sign in ((1, -1), (2, -1), (3, 1)):
        np.testing.assert_allclose(W[l], sign * W_1[l], rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(b[l], sign * b_1[l], rtol=1e-9, atol=1e-14)


def test_best_constant_is_no_worse_than_others(mistakes):
    W, b = mistakes.starts(100)
    best = mistakes.best_constant() * mistakes.loss(W, b)
    np.testing.assert_allclose(best, best[0], rtol=1e-12)
    mean = mistakes.Y.mean(axis=1, keepdims=True)
    zero = [None, *(np.zeros((3, 3)) for _ in range(3))]
    for shift in (0, 0.1, -0.1):
        E = mistakes.loss(zero, [None, mean * 0, mean * 0, mean + shift])
        assert pytest.approx(best[0] + 3 * shift**2 / 2, rel=1e-12) == E


def test_loss_is_the_squared_error_of_each_network(mistakes):
    W, b = mistakes.starts(4)
    for seed, loss in enumerate(mistakes.loss(W, b)):
        A = forward(*unpack(start(mistakes, seed), mistakes.n), mistakes.g, mistakes.X)[1]
        assert loss == pytest.approx(squared_error(A[3], mistakes.Y), rel=1e-12)
