"""The patients of chapter 9: one is healthy, and each of the others is broken in one place."""

import importlib
from types import ModuleType

import numpy as np
import pytest

from nnlib import Network, check_gradient, identity, sigmoid, tanh


@pytest.fixture(scope="module")
def patients(root) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root / "notebooks")
        yield importlib.import_module("patients")


def network(output=identity) -> Network:
    return Network((1, 20, 1), (tanh, output))


def test_healthy_program_is_the_network_of_the_library(patients):
    theta = patients.start()
    E, gradient = patients.objective("healthy")(theta)
    expected = network().value_and_gradient(theta, patients.X, patients.Y)
    assert pytest.approx(expected[0], rel=1e-12) == E
    np.testing.assert_allclose(gradient, expected[1], rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("A", lambda p, t: network().value_and_gradient(t, 1000 * p.X, p.Y)),
        ("B", lambda p, t: network(sigmoid).value_and_gradient(t, p.X, p.Y)),
        (
            "C",
            lambda p, t: [100 * part for part in network().value_and_gradient(t, p.X, p.Y)],
        ),
    ],
)
def test_a_sick_program_is_what_its_illness_says(patients, name, change):
    theta = patients.start(3)
    E, gradient = patients.objective(name)(theta)
    expected = change(patients, theta)
    assert pytest.approx(expected[0], rel=1e-12) == E
    np.testing.assert_allclose(gradient, expected[1], rtol=1e-9, atol=1e-13)


def test_targets_of_d_are_the_same_in_another_order(patients):
    X, Y = patients.data("D")
    assert np.array_equal(X, patients.X)
    assert np.array_equal(np.sort(Y), np.sort(patients.Y))
    assert np.mean(patients.Y == Y) < 0.1


def test_only_the_biases_of_e_are_wrong(patients):
    theta = patients.start()
    healthy, sick = (patients.objective(name)(theta)[1] for name in ("healthy", "E"))
    np.testing.assert_allclose(sick[20:40], -healthy[20:40], rtol=1e-12)
    np.testing.assert_allclose(np.delete(sick, range(20, 40)), np.delete(healthy, range(20, 40)))


def test_few_columns_are_learned_from_by_themselves(patients):
    theta = patients.start()
    E = patients.objective("healthy", patients.FIVE)(theta)[0]
    X, Y = (part[:, patients.FIVE] for part in (patients.X, patients.Y))
    assert pytest.approx(network().E(theta, X, Y), rel=1e-12) == E


def test_one_target_of_f_is_wrong_and_no_other_examination_shows_it(patients):
    X, Y = patients.data("F")
    assert np.array_equal(X, patients.X)
    assert np.flatnonzero(Y != patients.Y).tolist() == [patients.SLIP]
    assert patients.SLIP not in patients.FIVE
    for seed in range(3):
        theta = patients.start(seed)
        f, healthy = (patients.objective(name) for name in ("F", "healthy"))
        assert f(theta)[0] < 4 * healthy(theta)[0]
        assert f(theta)[0] < 1.2 * np.sum(Y**2) / 200
        assert check_gradient(f, theta, tolerance=1) < 1e-6
        assert patients.learn("F", 2000, patients.FIVE, seed=seed) < 1e-4


def test_sizes_are_roots_of_mean_squares(patients):
    program, theta = patients.network("healthy"), patients.start()
    W, b = program.unpack(theta)
    Z = W[1] @ patients.X + b[1]
    A = np.tanh(Z)
    output = W[2] @ A + b[2]
    blame = (output - patients.Y) / 100
    expected = [Z, output], [W[2].T @ blame * (1 - A**2), blame]
    found = patients.sizes(program, theta, patients.X, patients.Y)
    for sizes, parts in zip(found, expected, strict=True):
        np.testing.assert_allclose(sizes, [np.sqrt(np.mean(part**2)) for part in parts])
