"""Chapter 4: both errors and softmax against their definitions."""

import math
import pickle
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import ErrorFunction, numerical_gradient, softmax, softmax_cross_entropy, squared_error


@pytest.fixture(scope="session", params=[squared_error, softmax_cross_entropy], ids=str)
def error(request):
    """Each error in turn."""
    return request.param


def outputs_and_targets(n, m, seed, dtype=np.float64):
    """Return random outputs A and targets Y whose columns sum to 1, both read-only."""
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((n, m)).astype(dtype)
    Y = rng.uniform(0.1, 1, (n, m)).astype(dtype)
    Y /= Y.sum(axis=0)
    A.flags.writeable = Y.flags.writeable = False
    return A, Y


SIZES = {"n": st.integers(1, 5), "m": st.integers(1, 8), "seed": st.integers(0, 2**32 - 1)}


@given(**SIZES)
def test_squared_error_is_half_the_mean_squared_distance(n, m, seed):
    A, Y = outputs_and_targets(n, m, seed)
    distances = [sum((A[i, c] - Y[i, c]) ** 2 for i in range(n)) for c in range(m)]
    assert squared_error(A, Y) == pytest.approx(sum(distances) / (2 * m), rel=1e-12)


@given(**SIZES)
def test_cross_entropy_is_the_mean_of_minus_y_log_s(n, m, seed):
    A, Y = outputs_and_targets(n, m, seed)
    E = 0.0
    for c in range(m):
        total = sum(math.exp(A[k, c]) for k in range(n))
        E -= sum(Y[i, c] * math.log(math.exp(A[i, c]) / total) for i in range(n)) / m
    assert softmax_cross_entropy(A, Y) == pytest.approx(E, rel=1e-12, abs=1e-14)


@given(**SIZES)
def test_dA_is_the_derivative_of_E(error, n, m, seed):
    A, Y = outputs_and_targets(n, m, seed)
    differences = numerical_gradient(lambda A: error(A, Y), A)
    assert error.dA(A, Y) == pytest.approx(differences, rel=1e-8, abs=1e-9)


@given(m_2=st.integers(1, 8), **SIZES)
def test_the_whole_is_the_weighted_mean_of_its_blocks(error, n, m, m_2, seed):
    A, Y = outputs_and_targets(n, m + m_2, seed)
    blocks = [(slice(0, m), m / (m + m_2)), (slice(m, m + m_2), m_2 / (m + m_2))]
    E = sum(share * error(A[:, c], Y[:, c]) for c, share in blocks)
    dA = np.hstack([share * error.dA(A[:, c], Y[:, c]) for c, share in blocks])
    assert error(A, Y) == pytest.approx(E, rel=1e-12, abs=1e-14)
    assert error.dA(A, Y) == pytest.approx(dA, rel=1e-12, abs=1e-15)


def test_E_is_a_python_float_and_dA_keeps_the_dtype(error, dtype, eps):
    A, Y = outputs_and_targets(3, 5, 0, dtype)
    A_64, Y_64 = A.astype(np.float64), Y.astype(np.float64)
    assert type(error(A, Y)) is float
    assert error(A, Y) == pytest.approx(error(A_64, Y_64), rel=10 * eps)
    assert error.dA(A, Y).dtype == dtype


def test_every_layout_is_taken(error, dtype, eps, layout, same):
    A, Y = outputs_and_targets(4, 6, 0, dtype)
    assert error(layout(A), layout(Y)) == pytest.approx(error(A, Y), rel=10 * eps)
    assert same(error.dA(layout(A), layout(Y)), error.dA(A, Y))
    assert same(softmax(layout(A)), softmax(A))


def test_cross_entropy_of_large_logits_is_exact(dtype):
    A = np.array([[1e4, -1e4], [-1e4, 1e4]], dtype)
    Y = np.array([[1, 1], [0, 0]], dtype)
    with np.errstate(all="raise", under="ignore"):
        assert softmax_cross_entropy(A, Y) == 1e4
        assert softmax_cross_entropy.dA(A, Y).tolist() == [[0, -0.5], [0, 0.5]]


def test_columns_of_very_different_logits_do_not_disturb_each_other(error, dtype, same):
    A, Y = outputs_and_targets(4, 3, 0, dtype)
    A = A + np.array([1e4, 0, -1e4], dtype)  # so that every column has a maximum of its own
    with np.errstate(all="raise", under="ignore"):
        E, dA = error(A, Y), error.dA(A, Y)
        columns = [(A[:, c : c + 1], Y[:, c : c + 1]) for c in range(3)]
        assert pytest.approx(sum(error(*column) for column in columns) / 3, rel=1e-6) == E
        assert same(dA, np.hstack([error.dA(*column) / dtype(3) for column in columns]))
        assert same(softmax(A), np.hstack([softmax(A_c) for A_c, _ in columns]))


def test_cross_entropy_of_a_column_does_not_see_the_maximum_of_another():
    A = np.array([[1e4, 1.0], [1e4 - 1, 0.0]])
    Y = np.array([[1.0, 1.0], [0.0, 0.0]])
    assert softmax_cross_entropy(A, Y) == pytest.approx(math.log(1 + math.exp(-1)), rel=1e-12)
    assert softmax(A)[0] == pytest.approx([1 / (1 + math.exp(-1))] * 2, rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 10])
@pytest.mark.parametrize("size", [1, 50, 1e4])
def test_softmax_is_as_accurate_as_the_difference_to_the_largest_logit(n, size, dtype, ulps):
    Z = (size * np.random.default_rng(0).uniform(-1, 1, (n, 50))).astype(dtype)
    with np.errstate(all="raise", under="ignore"):
        S = softmax(Z)
    for z, s in zip(Z.T, S.T, strict=True):
        powers = [Decimal(float(z_i)).exp() for z_i in z]
        exact = [power / sum(powers) for power in powers]
        below = np.minimum(z.max() - z, 800)  # where exp gives 0 its rounding no longer counts
        for s_i, exact_i, below_i in zip(s, exact, below, strict=True):
            # The exponent is rounded by half an ulp, and exp makes that a relative error. The sum
            # of n powers, with rounded exponents of their own, and the quotient add a few.
            assert ulps(s_i, exact_i) <= 4 + n + float(below_i)


@given(**SIZES)
def test_columns_of_softmax_are_probabilities(n, m, seed, dtype, eps):
    Z = 10 * outputs_and_targets(n, m, seed, dtype)[0]
    S = softmax(Z)
    assert S.dtype == dtype
    assert S.shape == Z.shape
    assert np.all((S >= 0) & (S <= 1))
    assert S.sum(axis=0) == pytest.approx(np.ones(m), rel=10 * eps)


def test_softmax_refuses_what_is_no_float_matrix():
    with pytest.raises(ValueError, match=r"Z has shape \(3,\); expected \(n, m\)"):
        softmax(np.ones(3))
    with pytest.raises(ValueError, match=r"Z has dtype int64; expected float32 or float64"):
        softmax(np.ones((3, 2), int))


@pytest.mark.parametrize(
    ("A", "Y", "words"),
    [
        (np.ones((3, 2)), np.ones((2, 3)), r"Y has shape \(2, 3\); expected \(3, 2\): Y\.T\?"),
        (np.ones((3, 2)), np.ones((3, 1)), r"Y has shape \(3, 1\); expected \(3, 2\)$"),
        (np.ones((3, 2)), np.ones((3, 2), np.float32), "dtypes are A float64, Y float32"),
        (np.ones((3, 2)), np.ones((3, 2), int), "Y has dtype int64"),
        (np.ones((3, 2)), np.ones(2), r"Y has shape \(2,\); expected \(3, 2\)$"),
        (np.ones(2), np.ones(2), r"A has shape \(2,\); expected \(n, m\): A\.reshape\(-1, 1\)\?"),
        (np.ones((3, 0)), np.ones((3, 0)), r"A has shape \(3, 0\); expected at least one element"),
    ],
)
def test_targets_that_do_not_fit_the_outputs_are_refused(error, A, Y, words):
    with pytest.raises(ValueError, match=words):
        error(A, Y)


MEANS = {
    "of squares over all elements": lambda A, Y: np.mean((A - Y) ** 2),
    "of distances": lambda A, Y: np.sum(np.sqrt(np.sum((A - Y) ** 2, axis=0))) / A.shape[1],
    "of largest differences": lambda A, Y: np.mean(np.max(np.abs(A - Y), axis=0)),
    "of nothing": lambda A, Y: 0.0,
}


@pytest.mark.parametrize("mean", MEANS)
def test_any_mean_over_the_columns_makes_an_error(mean):
    E = MEANS[mean]
    error = ErrorFunction("mine", E, lambda A, Y: numerical_gradient_of(E, A, Y))
    A, Y = outputs_and_targets(3, 2500, 0)
    blocks = [slice(0, 1000), slice(1000, 2500)]
    by_blocks = 0.4 * error(A[:, blocks[0]], Y[:, blocks[0]])
    by_blocks += 0.6 * error(A[:, blocks[1]], Y[:, blocks[1]])
    assert error(A, Y) == pytest.approx(by_blocks, rel=1e-12)


def numerical_gradient_of(E, A, Y):
    """Return dE/dA by differences taken in float64, in the dtype of A."""
    gradient = numerical_gradient(lambda A: float(E(A, Y)), A.astype(np.float64))
    return gradient.astype(A.dtype)


def test_a_sum_over_the_columns_is_refused_before_blocks_could_make_it_wrong():
    for E, dA, name in (
        (lambda A, Y: float(np.sum((A - Y) ** 2)) / 2, lambda A, Y: A - Y, "E"),
        (squared_error.E, lambda A, Y: A - Y, "dA"),
    ):
        words = rf"^{name}\(A, Y\) by blocks(.|\n)* at once; expected a mean over the columns$"
        with pytest.raises(ValueError, match=words):
            ErrorFunction("sum", E, dA)


def test_an_error_is_printed_and_pickled_by_its_name(error):
    assert str(error) == error.name
    assert pickle.loads(pickle.dumps(error)) is error
