"""Chapters 4 and 8: theta and its parts, and where training starts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import EMPTY, count_parameters, glorot_normal, he_normal, pack, random_normal, unpack

NODES = st.lists(st.integers(1, 6), min_size=2, max_size=5).map(tuple)


def random_02(n, rng, **options):
    return random_normal(n, rng, scale=0.2, **options)


INITIALIZERS = pytest.mark.parametrize("draw", [random_02, glorot_normal, he_normal])
ZERO_BIAS = pytest.mark.parametrize("draw", [glorot_normal, he_normal])
SOURCES = pytest.mark.parametrize("source", [np.random.RandomState, np.random.default_rng])


@given(n=NODES)
def test_p_is_the_number_of_weights_and_biases(n):
    W = [np.ones((n[l], n[l - 1])) for l in range(1, len(n))]
    b = [np.ones((n[l], 1)) for l in range(1, len(n))]
    assert count_parameters(n) == sum(part.size for part in (*W, *b))


@given(n=NODES)
def test_pack_undoes_unpack(n, dtype):
    theta = np.arange(count_parameters(n), dtype=dtype)
    packed = pack(*unpack(theta, n))
    assert np.array_equal(packed, theta)
    assert packed.dtype == dtype
    assert not np.shares_memory(packed, theta)


@given(n=NODES, seed=st.integers(0, 2**32 - 1))
def test_unpack_undoes_pack(n, seed):
    rng = np.random.default_rng(seed)
    W = [EMPTY, *(rng.standard_normal((n[l], n[l - 1])) for l in range(1, len(n)))]
    b = [EMPTY, *(rng.standard_normal((n[l], 1)) for l in range(1, len(n)))]
    W_again, b_again = unpack(pack(W, b), n)
    assert all(map(np.array_equal, W, W_again))
    assert all(map(np.array_equal, b, b_again))


def test_theta_holds_layer_by_layer_the_rows_of_W_and_then_b():
    W, b = unpack(np.arange(1.0, 14.0), (2, 3, 1))
    assert W[1].tolist() == [[1, 2], [3, 4], [5, 6]]
    assert b[1].tolist() == [[7], [8], [9]]
    assert W[2].tolist() == [[10, 11, 12]]
    assert b[2].tolist() == [[13]]
    assert W[0] is b[0] is EMPTY


def test_unpack_gives_views():
    theta = np.zeros(13)
    W, b = unpack(theta, (2, 3, 1))
    W[1][2, 1] = b[2][0, 0] = 1
    assert np.flatnonzero(theta).tolist() == [5, 12]
    every_second = np.arange(26.0)[::2]
    assert np.shares_memory(unpack(every_second, (2, 3, 1))[0][1], every_second)


def test_pack_takes_every_layout(dtype, layout):
    W, b = unpack(np.arange(13, dtype=dtype), (2, 3, 1))
    theta = pack([EMPTY, *map(layout, W[1:])], [EMPTY, *map(layout, b[1:])])
    assert np.array_equal(theta, np.arange(13))
    assert theta.dtype == dtype


def test_pack_refuses_mixed_dtypes():
    W, b = unpack(np.zeros(13), (2, 3, 1))
    b[2] = b[2].astype(np.float32)
    with pytest.raises(ValueError, match=r"W\[1\] float64, b\[1\] float64, .* b\[2\] float32"):
        pack(W, b)


def test_pack_refuses_lists_of_different_or_no_length():
    W, b = unpack(np.zeros(13), (2, 3, 1))
    with pytest.raises(ValueError, match=r"W, b have \[3, 2\] entries; expected L \+ 1 each"):
        pack(W, b[:2])
    with pytest.raises(ValueError, match="L >= 1, with a placeholder at index 0"):
        pack([EMPTY], [EMPTY])


@pytest.mark.parametrize(
    ("theta", "words"),
    [
        (np.zeros(12), r"theta has shape \(12,\); expected \(13,\)"),
        (np.zeros((13, 1)), r"theta has shape \(13, 1\); expected \(13,\)"),
        (np.zeros(13, int), "theta has dtype int64; expected float32 or float64"),
        ([0.0] * 13, "theta is a list; expected a NumPy array"),
    ],
)
def test_unpack_refuses_what_is_no_float_vector_of_length_p(theta, words):
    with pytest.raises(ValueError, match=words):
        unpack(theta, (2, 3, 1))


@pytest.mark.parametrize("n", [(), (3,), (3, 0), (3, -1), (3, 1.5)])
def test_n_that_is_not_two_or_more_positive_integers_is_refused(n):
    words = r"n is \(.*\); expected two or more positive integers"
    with pytest.raises(ValueError, match=words):
        count_parameters(n)
    with pytest.raises(ValueError, match=words):
        unpack(np.zeros(13), n)
    for draw in (random_02, glorot_normal, he_normal):
        with pytest.raises(ValueError, match=words):
            draw(n, np.random.default_rng(0))


@SOURCES
def test_random_normal_draws_W1_b1_W2_b2_in_this_order(source):
    W, b = unpack(random_normal((3, 4, 2), source(1), scale=0.2), (3, 4, 2))
    rng = source(1)
    for part, shape in ((W[1], (4, 3)), (b[1], (4, 1)), (W[2], (2, 4)), (b[2], (2, 1))):
        assert np.array_equal(part, 0.2 * rng.standard_normal(shape))


@SOURCES
@pytest.mark.parametrize(
    ("draw", "variances"), [(glorot_normal, (2 / 7, 2 / 6)), (he_normal, (2 / 3, 2 / 4))]
)
def test_scaled_initializers_draw_W1_W2_and_no_biases(source, draw, variances):
    W, b = unpack(draw((3, 4, 2), source(1)), (3, 4, 2))
    rng = source(1)
    for l, shape in ((1, (4, 3)), (2, (2, 4))):
        expected = np.sqrt(variances[l - 1]) * rng.standard_normal(shape)
        assert W[l] == pytest.approx(expected, rel=1e-15)
        assert not b[l].any()


@pytest.mark.parametrize(
    ("draw", "variance"),
    [(random_02, 0.04), (glorot_normal, 2 / (300 + 200)), (he_normal, 2 / 300)],
)
def test_weights_have_mean_0_and_the_promised_variance(draw, variance):
    W, _ = unpack(draw((300, 200), np.random.default_rng(0)), (300, 200))
    u = W[1].ravel() / np.sqrt(variance)
    assert abs(u.mean()) < 4 / np.sqrt(u.size)  # four standard deviations of a mean
    assert abs(u.var() - 1) < 4 * np.sqrt(2 / u.size)  # and of a variance


@INITIALIZERS
@SOURCES
def test_the_same_seed_gives_the_same_theta_in_the_dtype_asked_for(draw, source, dtype):
    theta = draw((3, 4, 2), source(7), dtype=dtype)
    assert theta.shape == (count_parameters((3, 4, 2)),)
    assert theta.dtype == dtype
    assert np.array_equal(theta, draw((3, 4, 2), source(7)).astype(dtype))
    assert not np.array_equal(theta, draw((3, 4, 2), source(8), dtype=dtype))


@INITIALIZERS
@pytest.mark.parametrize("dtype", [np.float16, np.int64, complex])
def test_initializers_refuse_other_dtypes(draw, dtype):
    with pytest.raises(
        ValueError, match=f"dtype is .*{dtype.__name__}.*; expected float32 or float64"
    ):
        draw((3, 4, 2), np.random.default_rng(0), dtype=dtype)


@INITIALIZERS
def test_numbers_of_nodes_may_be_of_a_small_dtype(draw):
    n = np.array([100, 100, 2], np.int8)  # n^0 + n^1 is more than an int8 holds
    theta = draw(n, np.random.default_rng(0))
    assert np.array_equal(theta, draw((100, 100, 2), np.random.default_rng(0)))


@pytest.mark.parametrize("scale", [0, -0.2, np.nan, np.inf])
def test_a_scale_that_is_not_positive_is_refused(scale):
    with pytest.raises(ValueError, match=f"scale is {scale}; expected a finite number above 0"):
        random_normal((3, 4, 2), np.random.default_rng(0), scale)
