"""The page "Where next": gradients of its examples, its records, and what its Python prints."""

import csv
import doctest
import re
from functools import partial
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pytest

import nnlib
from examples import autodiff, convolution, more_images
from examples.autodiff import Tensor
from examples.convolution import Layer
from nnlib import (
    Network,
    check_gradient,
    identity,
    one_hot,
    pack,
    random_normal,
    softmax_cross_entropy,
    squared_error,
    tanh,
    unpack,
)

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "book" / "where-next.md"
RECORD = ROOT / "notebooks" / "data" / "where_next.csv"
RNG = np.random.default_rng


# Convolutions

STACKS = [
    (Layer(1, 2, 6, 2), Layer(2, 3, 6, 2), Layer(3, 4, 4, 1)),  # 28, 12, 4, 1: as on the page
    (Layer(1, 3, 3, 1), Layer(3, 2, 3, 2), Layer(2, 4, 2, 1)),  # 8, 6, 2, 1; a pixel is left over
    (Layer(1, 4, 8, 1),),
]


def images(layers: tuple[Layer, ...], m: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return theta, X and Y for these layers."""
    rng, side = RNG(1), 28 if layers is STACKS[0] else 8
    theta = convolution.start(layers, rng)
    theta += 0.1 * rng.normal(size=theta.shape)  # biases, too
    return theta, rng.random((side**2, m)), one_hot(rng.integers(4, size=m), 4)


@pytest.mark.parametrize("layers", STACKS, ids=len)
def test_gradient_of_convolutions(layers):
    theta, X, Y = images(layers)
    check_gradient(partial(convolution.value_and_gradient, layers, X=X, Y=Y), theta)


def test_a_patch_as_large_as_the_image_makes_a_fully_connected_layer():
    theta, X, Y = images(STACKS[-1])
    network = Network((64, 4), (identity,), softmax_cross_entropy)
    E, gradient = network.value_and_gradient(theta, X, Y)
    ours = convolution.value_and_gradient(STACKS[-1], theta, X, Y)
    assert ours[0] == pytest.approx(E, rel=1e-14)
    np.testing.assert_allclose(ours[1], gradient, rtol=1e-12, atol=1e-15)


def test_a_layer_is_the_same_sum_at_every_place():
    layer, rng = Layer(2, 3, 3, 2), RNG(2)
    A, theta = rng.normal(size=(2, 8, 7, 4)), rng.normal(size=layer.p)
    W, b = convolution.parameters([layer], theta)[1]
    P = convolution.patches(A, layer)
    Z = (W @ P.reshape(len(P), -1) + b).reshape(3, *P.shape[1:])
    W = W.reshape(3, 2, 3, 3)
    assert Z.shape == (3, 3, 3, 4)
    for i, r, c, image in np.ndindex(Z.shape):
        patch = A[:, 2 * r : 2 * r + 3, 2 * c : 2 * c + 3, image]
        assert Z[i, r, c, image] == pytest.approx(np.sum(W[i] * patch) + b[i, 0], rel=1e-12)


def test_adding_up_is_the_transpose_of_taking_patches():
    layer, rng = Layer(2, 1, 3, 2), RNG(3)
    A = rng.normal(size=(2, 8, 7, 4))
    P = convolution.patches(A, layer)
    dP = rng.normal(size=P.shape)
    assert np.sum(P * dP) == pytest.approx(np.sum(A * convolution.add_up(dP, A, layer)), rel=1e-12)


def test_the_reader_has_the_places_and_parameters_that_the_page_names():
    X = RNG(4).random((784, 2)).astype(np.float32)
    theta = convolution.start(convolution.READER, RNG(5), np.float32)
    _, Z, A = convolution.forward(convolution.READER, theta, X)
    assert [A_l.shape for A_l in A] == [
        (1, 28, 28, 2),
        (16, 12, 12, 2),
        (32, 4, 4, 2),
        (10, 1, 1, 2),
    ]
    assert Z[-1].shape == (10, 2)
    assert Z[-1].dtype == np.float32
    assert f"This network has ${theta.size}$ parameters" in PAGE.read_text("utf-8")


# Shifts and dropout


def test_a_shifted_image_is_the_image_a_pixel_away():
    rng = RNG(6)
    X, Y = rng.random((784, 200), dtype=np.float32), rng.random((10, 200), dtype=np.float32)
    ((moved, same),) = more_images.shifted(iter([(X, Y)]), rng)
    assert same is Y
    assert moved.dtype == X.dtype
    seen = set()
    for before, after in zip(X.T.reshape(-1, 28, 28), moved.T.reshape(-1, 28, 28), strict=True):
        ways = [
            (i, j)
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            if np.array_equal(np.roll(before, (i, j), (0, 1))[1:-1, 1:-1], after[1:-1, 1:-1])
        ]
        assert len(ways) == 1
        (i, j) = ways[0]
        assert not (i and after[{1: 0, -1: -1}[i]].any())
        assert not (j and after[:, {1: 0, -1: -1}[j]].any())
        seen.add(ways[0])
    assert len(seen) == 9


@pytest.fixture
def small() -> tuple:
    """A network with its theta, X and Y."""
    network, rng = Network((5, 8, 3), (tanh, identity), softmax_cross_entropy), RNG(7)
    theta = random_normal(network.n, rng, scale=0.7)
    return network, theta, rng.normal(size=(5, 30)), one_hot(rng.integers(3, size=30), 3)


def test_without_dropout_nothing_changes(small):
    network, *arguments = small
    E, gradient = more_images.with_dropout(network, 0.0, RNG(8))(*arguments)
    expected = network.value_and_gradient(*arguments)
    assert pytest.approx(expected[0], rel=1e-14) == E
    np.testing.assert_allclose(gradient, expected[1], rtol=1e-12, atol=1e-15)


def test_gradient_of_dropout(small):
    network, theta, X, Y = small

    def with_the_same_units(theta):
        return more_images.with_dropout(network, 0.5, RNG(9))(theta, X, Y)

    assert with_the_same_units(theta)[0] != network.E(theta, X, Y)
    check_gradient(with_the_same_units, theta)


# Derivatives


@pytest.mark.parametrize("error", [squared_error, softmax_cross_entropy])
@pytest.mark.parametrize(
    "g", [nnlib.sigmoid, nnlib.tanh, nnlib.relu, nnlib.softplus, nnlib.gelu], ids=repr
)
def test_the_machine_finds_what_back_propagation_finds(g, error):
    n, m, rng = (4, 6, 5, 3), 7, RNG(10)
    W, b = unpack(random_normal(n, rng, scale=0.8), n)
    X, Y = rng.normal(size=(4, m)), one_hot(rng.integers(3, size=m), 3)
    layers = [identity, g, g, identity]
    Z, A = nnlib.forward(W, b, layers, X)
    dW, db = nnlib.backward(W, layers, Z, A, error.dA(A[3], Y))

    weights, biases = [Tensor(W_l) for W_l in W[1:]], [Tensor(b_l) for b_l in b[1:]]
    U = Tensor(X)
    for W_l, b_l, g_l in zip(weights, biases, layers[1:], strict=True):
        U = (W_l @ U + b_l).apply(g_l.g, g_l.dg)
    E = error_of(U, Tensor(Y), error)
    autodiff.backward(E)
    assert E.value[0, 0] == pytest.approx(error(A[3], Y), rel=1e-12)
    found = pack([W[0], *(U.d for U in weights)], [b[0], *(U.d for U in biases)])
    np.testing.assert_allclose(found, pack(dW, db), rtol=1e-10, atol=1e-15)


def error_of(A: Tensor, Y: Tensor, error: nnlib.ErrorFunction) -> Tensor:
    """Return the error, of operations that Tensor has."""
    share = Tensor(-1 / Y.value.shape[1])
    if error is squared_error:
        D = A + Y * Tensor(-1.0)
        return (D * D).sum() * share * Tensor(-0.5)
    exp = A.apply(np.exp, lambda U, A: A)
    ln = exp.sum(axis=0).apply(np.log, lambda U, A: 1 / U)
    return (Y * (A + ln * Tensor(-1.0))).sum() * share


def test_what_is_used_twice_gets_both_derivatives_and_a_second_call_does_not_add_up():
    U, V = Tensor([[2.0, 3.0]]), Tensor([[1.0], [4.0]])
    E = (U @ V + (U * U).sum()).sum()  # 14 + 13
    for _ in range(2):
        autodiff.backward(E)
        np.testing.assert_array_equal(U.d, [[1 + 4, 4 + 6]])
        np.testing.assert_array_equal(V.d, [[2], [3]])


def test_what_was_broadcast_gets_the_sum():
    for shape in [(1, 1), (3, 1), (1, 4), (3, 4)]:
        U, V = Tensor(RNG(11).random(shape)), Tensor(RNG(12).random((3, 4)))
        autodiff.backward((U * V + U).sum())
        expected = np.broadcast_to(V.value + 1, (3, 4))
        axes = tuple(k for k in (0, 1) if shape[k] == 1)
        np.testing.assert_allclose(U.d, expected.sum(axis=axes, keepdims=True), rtol=1e-12)
        autodiff.backward((U.T * V.T).sum(axis=1).sum())
        np.testing.assert_allclose(V.d, np.broadcast_to(U.value, (3, 4)), rtol=1e-12)


def test_the_machine_has_about_as_many_lines_as_the_page_says():
    code = (ROOT / "examples" / "autodiff.py").read_text("utf-8").partition("class Tensor")[2]
    assert 50 <= sum(bool(line.strip()) for line in code.splitlines()) <= 65
    assert "in about sixty lines" in PAGE.read_text("utf-8")


# What the page says


@pytest.fixture(scope="module")
def wrong() -> dict[str, list[float]]:
    """The percent of test images read wrongly, seed by seed, by the name of the network."""
    found = {}
    with RECORD.open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["network"], []).append(100 - int(row["right_of_10000"]) / 100)
    assert {len(shares) for shares in found.values()} == {5}
    return found


def test_the_table_is_what_was_recorded(wrong):
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"(?m)^\| ([a-z].*) \| (\d+) \| ([\d.]+) ± ([\d.]+) \|$", text)
    assert len(rows) == len(wrong)
    with RECORD.open(newline="") as file:
        parameters = {row["network"]: row["parameters"] for row in csv.DictReader(file)}
    for (_, p, average, deviation), (name, shares) in zip(rows, wrong.items(), strict=True):
        assert p == parameters[name]
        assert average == f"{mean(shares):.2f}"
        assert deviation == f"{stdev(shares):.2f}"


def test_convolutions_make_two_mistakes_in_place_of_three_and_shifts_four_in_place_of_five(wrong):
    dense, shifts, _, convolutions, _ = wrong.values()
    assert max(convolutions + shifts) < min(dense)
    assert mean(convolutions) / mean(dense) == pytest.approx(2 / 3, abs=0.05)
    assert mean(shifts) / mean(dense) == pytest.approx(4 / 5, abs=0.05)


def test_dropout_and_mixed_pixels_make_more_mistakes(wrong):
    assert min(wrong["dropout"]) > max(wrong["fully connected"])
    assert min(wrong["convolutions, pixels mixed"]) > max(wrong["fully connected"])


def test_test_images_leave_a_share_uncertain_by_about_a_tenth(wrong):
    for name in ("fully connected", "convolutions"):
        share = mean(wrong[name])
        assert (share * (100 - share) / 10000) ** 0.5 == pytest.approx(0.1, abs=0.025)


def test_a_fully_connected_network_does_not_notice_mixed_pixels(small):
    network, theta, X, Y = small
    order = RNG(13).permutation(5)
    W, b = network.unpack(theta)
    mixed = pack([W[0], W[1][:, order], W[2]], b)
    np.testing.assert_allclose(network(mixed, X[order]), network(theta, X), rtol=1e-12)
    (dW, _), (dW_mixed, _) = (
        network.unpack(network.value_and_gradient(*arguments)[1])
        for arguments in ((theta, X, Y), (mixed, X[order], Y))
    )
    np.testing.assert_allclose(dW_mixed[1], dW[1][:, order], rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(dW_mixed[2], dW[2], rtol=1e-10, atol=1e-15)


def test_the_network_of_chapter_11_knows_nearly_all_its_images_by_heart():
    with (RECORD.parent / "digit_final.csv").open(newline="") as file:
        known = [int(row["right_of_60000"]) for row in csv.DictReader(file)]
    assert min(known) > 0.998 * 60000


def test_python_of_the_page_prints_what_it_says(monkeypatch):
    monkeypatch.chdir(ROOT)
    sessions = "\n".join(re.findall(r"(?ms)^```python\n(.*?)^```$", PAGE.read_text("utf-8")))
    test = doctest.DocTestParser().get_doctest(sessions, {}, PAGE.name, None, 0)
    failed, tried = doctest.DocTestRunner().run(test)
    assert failed == 0
    assert tried > 30
