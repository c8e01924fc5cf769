"""Chapter 8: every g and g', from 0 to the largest floats."""

import copy
import dataclasses
import math
import pickle
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nnlib import (
    Activation,
    gelu,
    identity,
    leaky_relu,
    numerical_gradient,
    relu,
    sigmoid,
    softplus,
    tanh,
)

DEFINITIONS = {
    identity: lambda z: z,
    sigmoid: lambda z: 1 / (1 + math.exp(-z)),
    tanh: lambda z: math.sinh(z) / math.cosh(z),
    relu: lambda z: z if z > 0 else 0,
    leaky_relu: lambda z: z if z > 0 else z / 100,
    softplus: lambda z: math.log(1 + math.exp(z)),
    gelu: lambda z: z / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))),
}


def grid(dtype):
    """Points from -20 to 20, and 0 and the kinks' neighborhoods among them."""
    return np.linspace(-20, 20, 4001, dtype=dtype)


def extremes(dtype):
    """Points of both signs from the smallest floats to the largest."""
    info = np.finfo(dtype)
    sizes = [0, info.smallest_subnormal, info.tiny, info.eps, 1, 80, 100, 700, 800, 1e4, info.max]
    return np.array([sign * size for size in sizes for sign in (-1, 1)], dtype)


@given(z=st.floats(-10, 10))
@example(z=1.5)
@example(z=-1.5)
def test_g_is_what_its_definition_says(activation, z):
    expected = DEFINITIONS[activation](z)
    assert activation(np.array([z])) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_dg_is_the_derivative_of_g(activation):
    Z = np.linspace(-8, 8, 100).reshape(4, 25)  # 0, where some have none, is not among them
    differences = numerical_gradient(lambda Z: float(np.sum(activation(Z))), Z)
    assert activation.dg(Z, activation(Z)) == pytest.approx(differences, abs=1e-8)


def test_derivatives_at_a_kink_are_those_from_the_left():
    Z = np.array([-0.0, 0.0])
    assert relu.dg(Z, relu(Z)).tolist() == [0, 0]
    assert leaky_relu.dg(Z, leaky_relu(Z)).tolist() == [0.01, 0.01]


def test_shape_and_dtype_are_kept(activation, dtype):
    Z = np.linspace(-3, 3, 24, dtype=dtype).reshape(2, 3, 4)
    A = activation(Z)
    dA = activation.dg(Z, A)
    assert A.shape == dA.shape == Z.shape
    assert A.dtype == dA.dtype == dtype


def test_numpy_scalars_are_taken_and_their_dtype_is_kept(activation, dtype, eps):
    z = dtype(0.3)
    a = activation(z)
    d = activation.dg(z, a)
    assert a.dtype == d.dtype == dtype
    assert a == pytest.approx(activation(np.array([z]))[0], rel=4 * eps)
    assert d == pytest.approx(activation.dg(np.array([z]), np.array([a]))[0], rel=4 * eps)


def test_numbers_of_python_count_as_float64(activation):
    for z in (0, -2, 0.3):
        assert activation(z) == activation(np.float64(z))
        assert activation(z).dtype == np.float64


@pytest.mark.parametrize("Z", [[0.0, 1.0], "0", None, np.array([0, 1]), np.array([1j])])
def test_anything_but_floats_is_rejected(activation, Z):
    with pytest.raises(ValueError, match=r"^Z (is a|has dtype) "):
        activation(Z)


def test_every_layout_is_taken(activation, dtype, layout, same):
    Z = np.linspace(-3, 3, 24, dtype=dtype).reshape(4, 6)
    A = activation(Z)
    assert same(activation(layout(Z)), A)
    assert same(activation.dg(layout(Z), layout(A)), activation.dg(Z, A))


def test_what_came_in_is_left_as_it_was(activation):
    Z = np.linspace(-3, 3, 7)
    A = activation(Z).copy()
    for x in (Z, A):
        x.flags.writeable = False
    activation.dg(Z, activation(Z))
    assert np.array_equal(activation(Z), A)


def test_no_float_overflows_or_gives_a_warning(activation, dtype):
    Z = extremes(dtype)
    with np.errstate(all="raise", under="ignore"):
        A = activation(Z)
        dA = activation.dg(Z, A)
    assert np.all(np.isfinite(A))
    assert np.all(np.isfinite(dA))


@pytest.mark.parametrize("g", [relu, softplus, gelu])
def test_relu_and_its_smooth_relatives_are_z_or_0_far_from_0(g, dtype):
    Z = extremes(dtype)
    Z = Z[np.abs(Z) >= 800]
    assert np.array_equal(g(Z), np.where(Z > 0, Z, 0))
    assert np.array_equal(g.dg(Z, g(Z)), Z > 0)


@pytest.mark.parametrize("g", [identity, sigmoid, tanh, relu, leaky_relu, softplus], ids=str)
def test_all_but_gelu_never_fall(g, dtype):
    for Z in (grid(dtype), np.sort(extremes(dtype))):
        assert np.all(np.diff(g(Z) / 2) >= 0)  # half, since a difference might overflow


def test_gelu_falls_to_the_left_of_its_minimum():
    A = gelu(grid(np.float64))
    lowest, rounding = np.argmin(A), 20 * np.finfo(np.float64).eps  # of 1 + tanh, times z
    assert grid(np.float64)[lowest] == pytest.approx(-0.75, abs=0.01)
    assert np.all(np.diff(A[:lowest]) <= rounding)
    assert np.all(np.diff(A[lowest:]) >= -rounding)


def test_sigmoid_of_minus_z_is_1_minus_sigmoid_of_z(dtype, eps):
    Z = np.concatenate([grid(dtype), extremes(dtype)])
    assert np.all(np.abs(sigmoid(-Z) - (1 - sigmoid(Z))) <= 2 * eps)


def test_sigmoid_is_exact_to_4_ulps(dtype, ulps):
    rng = np.random.default_rng(0)
    smallest = math.log(np.finfo(dtype).tiny)  # from about here on sigmoid is subnormal
    ranges = [(-1e4, 1e4), (-50, 50), (-1, 1), (1.25 * smallest, 0.9 * smallest)]
    z = np.concatenate([rng.uniform(*ends, 500) for ends in ranges]).astype(dtype)
    exact = [1 / (1 + (-Decimal(float(z_i))).exp()) for z_i in z]
    with np.errstate(all="raise", under="ignore"):
        a = sigmoid(z)
    assert max(map(ulps, a, exact)) <= 4


def test_an_array_that_g_has_returned_stays_its_own_to_write_to():
    returned = []

    def g(Z):
        returned.append(2 * Z)
        return returned[-1]

    Activation("double", g, lambda Z, A: np.full_like(Z, 2))
    assert returned
    assert all(A.flags.writeable for A in returned)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_g_need_not_be_defined_everywhere():
    root = Activation("root", lambda Z: np.sqrt(Z - 0.5), lambda Z, A: 0.5 / A)
    assert root(np.array([4.5])) == 2


def test_an_activation_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        sigmoid.name = "tanh"


def test_an_activation_is_printed_pickled_and_copied_by_its_name(activation):
    assert str(activation) == activation.name
    assert pickle.loads(pickle.dumps(activation)) is activation
    assert copy.deepcopy(activation) is activation
