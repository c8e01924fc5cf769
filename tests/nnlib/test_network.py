"""Chapter 9: E as a function of theta, its gradient, files, and the sine run of the series."""

import copy
import dataclasses
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nnlib import (
    Activation,
    ErrorFunction,
    Network,
    adam,
    backward,
    check_gradient,
    constant_step,
    forward,
    gradient_descent,
    identity,
    leaky_relu,
    line_search,
    momentum,
    pack,
    random_normal,
    relu,
    sigmoid,
    softmax_cross_entropy,
    squared_error,
    tanh,
    unpack,
)

BOTH_ERRORS = pytest.mark.parametrize("error", [squared_error, softmax_cross_entropy], ids=str)


@pytest.fixture
def network():
    """The network that the tests of files save."""
    return Network((2, 3, 1), (sigmoid, identity))


@pytest.fixture
def theta(network, dtype):
    """Parameters for it."""
    return random_normal(network.n, np.random.default_rng(0), scale=1.0, dtype=dtype)


def by_formulas(network, theta, X, Y):
    """Return A^L, E and its gradient by one forward and one backward pass."""
    W, b = unpack(theta, network.n)
    Z, A = forward(W, b, network.g, X)
    dW, db = backward(W, network.g, Z, A, network.error.dA(A[-1], Y))
    return A[-1], network.error(A[-1], Y), pack(dW, db)


def test_a_network_is_a_frozen_description():
    network = Network([2, np.int64(3), 1], [sigmoid, identity], softmax_cross_entropy)
    assert network.n == (2, 3, 1)
    assert all(type(k) is int for k in network.n)
    assert network.g[1:] == (sigmoid, identity)
    assert network.error is softmax_cross_entropy
    assert (network.L, network.p) == (2, 13)
    assert Network((2, 1), (tanh,)).error is squared_error
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.n = (2, 4, 1)


def test_equal_networks_are_equal(network):
    assert network == Network((2, 3, 1), (sigmoid, identity))
    assert hash(network) == hash(Network((2, 3, 1), (sigmoid, identity)))
    assert network != Network((2, 3, 1), (tanh, identity))
    assert network != Network((2, 3, 1), (sigmoid, identity), softmax_cross_entropy)


AGAIN = {
    "from its own fields": lambda network: Network(network.n, network.g, network.error),
    "from a list with None in front": lambda network: Network(
        [*network.n], [None, *network.g[1:]], network.error
    ),
    "from its dictionary": lambda network: Network(**vars(network)),
    "replace": dataclasses.replace,
    "repr": lambda network: eval(repr(network)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda network: pickle.loads(pickle.dumps(network)),
}


@pytest.mark.parametrize("way", AGAIN)
@pytest.mark.parametrize("g", [(sigmoid, identity), (identity, identity), (identity, tanh)])
@BOTH_ERRORS
def test_a_network_can_be_made_again_from_itself(way, g, error):
    network = Network((2, 3, 1), g, error)
    again = AGAIN[way](network)
    assert again == network
    assert hash(again) == hash(network)
    assert again.g == (identity, *g)


def test_one_field_of_a_network_can_be_replaced(network):
    other = dataclasses.replace(network, error=softmax_cross_entropy)
    assert other == Network((2, 3, 1), (sigmoid, identity), softmax_cross_entropy)
    assert dataclasses.replace(network, g=(tanh, tanh)) == Network((2, 3, 1), (tanh, tanh))


@given(data=st.data())
@BOTH_ERRORS
def test_outputs_E_and_gradient_are_those_of_the_formulas(data, cases, error, dtype, eps, same):
    case = data.draw(cases)
    network = Network(case.n, case.g, error)
    theta, X, Y = case.arrays(dtype)
    outputs, E, gradient = by_formulas(network, theta, X, Y)
    assert same(network(theta, X), outputs)
    assert network.E(theta, X, Y) == pytest.approx(E, rel=100 * eps, abs=eps)
    value, actual = network.value_and_gradient(theta, X, Y)
    assert type(value) is type(network.E(theta, X, Y)) is float
    assert value == pytest.approx(E, rel=100 * eps, abs=eps)
    assert same(actual, gradient)


@pytest.mark.parametrize("block", [{}, {"columns_per_block": 7}, {"columns_per_block": 10**9}])
@pytest.mark.parametrize("m", [999, 1000, 1001, 2000, 2300])
def test_blocks_of_columns_give_the_same_as_all_at_once(m, block, dtype, eps, same):
    network = Network((3, 4, 2), (tanh, identity), softmax_cross_entropy)
    rng = np.random.default_rng(0)
    theta = random_normal(network.n, rng, scale=1.0, dtype=dtype)
    X = rng.standard_normal((3, m)).astype(dtype)
    Y = np.eye(2, dtype=dtype)[:, rng.integers(2, size=m)]
    outputs, E, gradient = by_formulas(network, theta, X, Y)
    assert same(network(theta, X, **block), outputs)
    assert network.E(theta, X, Y, **block) == pytest.approx(E, rel=100 * eps)
    for value, actual in (
        network.value_and_gradient(theta, X, Y, **block),
        network.objective(X, Y, **block)(theta),
    ):
        assert value == pytest.approx(E, rel=100 * eps)
        assert same(actual, gradient)


def test_a_block_has_the_columns_that_are_asked_for():
    widths = []

    def counting(Z):
        widths.append(Z.shape[1])
        return Z

    network = Network((1, 1), (Activation("counting", counting, lambda Z, A: np.ones_like(Z)),))

    def by_objective(theta, X, Y, **options):
        return network.objective(X, Y, **options)(theta)

    for options, expected in (({"columns_per_block": 10}, [10, 10, 3]), ({}, [1000, 1000, 300])):
        arrays = np.ones(2), np.ones((1, sum(expected))), np.ones((1, sum(expected)))
        for work, arguments in (
            (network, arrays[:2]),
            (network.E, arrays),
            (network.value_and_gradient, arrays),
            (by_objective, arrays),
        ):
            widths.clear()
            work(*arguments, **options)
            assert widths == expected


def test_what_was_returned_before_stays_as_it_was(case):
    network = Network(case.n, case.g)
    theta, X, Y = case.arrays()
    E = network.objective(X, Y)
    outputs, gradient = network(theta, X), E(theta)[1]
    copies = outputs.copy(), gradient.copy()
    network(2 * theta, X)
    E(2 * theta)
    assert np.array_equal(outputs, copies[0])
    assert np.array_equal(gradient, copies[1])
    outputs[:], gradient[:] = np.nan, np.nan  # theirs to write to
    assert np.array_equal(network(theta, X), copies[0])
    assert np.array_equal(E(theta)[1], copies[1])


def test_a_network_of_the_identity_alone_returns_no_view_of_the_inputs():
    network = Network((2, 2), (identity,))
    theta, X = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), np.ones((2, 3))
    assert not np.shares_memory(network(theta, X), X)


def test_a_network_unpacks_theta(network, theta):
    W, b = network.unpack(theta)
    assert [W_l.shape for W_l in W[1:]] == [(3, 2), (1, 3)]
    assert [b_l.shape for b_l in b[1:]] == [(3, 1), (1, 1)]
    assert np.array_equal(pack(W, b), theta)
    assert all(np.shares_memory(part, theta) for part in (*W[1:], *b[1:]))
    with pytest.raises(ValueError, match=r"theta has shape \(12,\); expected \(13,\)"):
        network.unpack(theta[:12])


def test_an_objective_can_be_sent_to_another_process(network):
    X, Y = np.ones((2, 4)), np.ones((1, 4))
    E = network.objective(X, Y, columns_per_block=3)
    again = pickle.loads(pickle.dumps(E))
    theta = np.linspace(-1, 1, network.p)
    assert again(theta)[0] == E(theta)[0]
    assert np.array_equal(again(theta)[1], E(theta)[1])


@given(data=st.data(), cut=st.integers(1, 5))
@BOTH_ERRORS
def test_E_and_gradient_are_weighted_means_over_blocks_of_columns(data, cut, cases, error, same):
    case = data.draw(cases)
    assume(cut < case.m)
    network = Network(case.n, case.g, error)
    theta, X, Y = case.arrays()
    E, gradient = network.value_and_gradient(theta, X, Y)
    E_1, gradient_1 = network.value_and_gradient(theta, X[:, :cut], Y[:, :cut])
    E_2, gradient_2 = network.value_and_gradient(theta, X[:, cut:], Y[:, cut:])
    share = cut / case.m
    assert pytest.approx(share * E_1 + (1 - share) * E_2, rel=1e-12, abs=1e-14) == E
    assert same(share * gradient_1 + (1 - share) * gradient_2, gradient)


@given(data=st.data())
@settings(max_examples=15)
@BOTH_ERRORS
def test_the_gradient_is_that_of_central_differences(data, cases, activation, error):
    case = data.draw(cases)
    network = Network(case.n, [activation] * (len(case.n) - 1), error)
    theta, X, Y = case.arrays()
    if activation in (relu, leaky_relu):
        Z = forward(*unpack(theta, network.n), network.g, X)[0]
        assume(all(np.all(np.abs(Z_l) > 1e-3) for Z_l in Z[1:]))  # no step crosses a kink
    check_gradient(network.objective(X, Y), theta)


def test_every_layout_is_taken(case, dtype, layout, same):
    network = Network(case.n, case.g)
    theta, X, Y = case.arrays(dtype)
    strided = np.repeat(theta, 2)[::2]
    assert same(network(strided, layout(X)), network(theta, X))
    gradient = network.value_and_gradient(strided, layout(X), layout(Y))[1]
    assert same(gradient, network.value_and_gradient(theta, X, Y)[1])


@pytest.mark.parametrize("rule", [constant_step, momentum(), adam(), line_search()])
def test_every_rule_trains_in_the_dtype_of_theta(rule, dtype):
    network = Network((1, 5, 1), (tanh, identity))
    X = np.linspace(-2, 2, 30, dtype=dtype).reshape(1, -1)
    E = network.objective(X, np.sin(X))
    start = random_normal(network.n, np.random.default_rng(0), scale=0.5, dtype=dtype)
    theta = gradient_descent(E, start, np.float64(0.01), 100, rule=rule)
    assert theta.dtype == dtype
    assert E(theta)[0] < 0.5 * E(start)[0]


@pytest.mark.parametrize(
    ("n", "g", "error", "words"),
    [
        ((3,), (), squared_error, r"n is \(3,\); expected two or more positive integers"),
        ((3, 0), (tanh,), squared_error, r"n is \(3, 0\)"),
        ((3, 1.5), (tanh,), squared_error, r"n is \(3, 1.5\)"),
        ((3, 2, 1), (tanh,), squared_error, r"g is \(tanh,\); expected 2 activations"),
        ((3, 1), (tanh, tanh), squared_error, "expected 1 activations, one for each"),
        ((3, 1), (identity, None), squared_error, "expected 1 activations, one for each"),
        ((3, 1), (None, None, tanh), squared_error, "expected 1 activations, one for each"),
        ((3, 1), (), squared_error, "expected 1 activations, one for each"),
        ((3, 1), tanh, squared_error, "g is tanh; expected 1 activations"),
        ((3, 1), (np.tanh,), squared_error, r"g is \(<ufunc 'tanh'>,\); expected 1 activations"),
        ((3, 1), (tanh,), "mse", "error is 'mse'; expected an ErrorFunction"),
    ],
)
def test_a_description_that_makes_no_network_is_refused(n, g, error, words):
    with pytest.raises(ValueError, match=words):
        Network(n, g, error)


@pytest.mark.parametrize(
    ("theta", "X", "words"),
    [
        (np.ones(12), np.ones((2, 4)), r"theta has shape \(12,\); expected \(13,\)"),
        (np.ones((13, 1)), np.ones((2, 4)), r"theta has shape \(13, 1\); expected \(13,\)"),
        (np.ones(13), np.ones((4, 2)), r"X has shape \(4, 2\); expected \(2, m\): X\.T\?"),
        (np.ones(13), np.ones((2, 0)), "expected at least one element"),
        (np.ones(13), np.ones(2), r"X\.reshape\(-1, 1\)\?"),
        (np.ones(13), np.ones((2, 4), np.float32), "dtypes are theta float64, X float32"),
        (np.ones(13), np.ones((2, 4), int), "X has dtype int64"),
    ],
)
def test_parameters_and_inputs_that_do_not_fit_are_refused(network, theta, X, words):
    Y = np.ones((1, 4))
    with pytest.raises(ValueError, match=words):
        network(theta, X)
    for method in (network.E, network.value_and_gradient):
        with pytest.raises(ValueError, match=words):
            method(theta, X, Y)


@pytest.mark.parametrize(
    ("Y", "words"),
    [
        (np.ones((4, 1)), r"Y has shape \(4, 1\); expected \(1, 4\): Y\.T\?"),
        (np.ones(4), r"Y has shape \(4,\); expected \(1, 4\)"),
        (np.ones((1, 4), np.float32), "float64, Y float32; expected the same"),
        (np.ones((1, 4), int), "Y has dtype int64"),
    ],
)
def test_targets_that_do_not_fit_are_refused(network, Y, words):
    for method in (network.E, network.value_and_gradient):
        with pytest.raises(ValueError, match=words):
            method(np.ones(13), np.ones((2, 4)), Y)


def test_fewer_targets_than_inputs_are_refused(network):
    for method in (network.E, network.value_and_gradient):
        with pytest.raises(ValueError, match=r"Y has shape \(1, 3\); expected \(1, 4\)"):
            method(np.ones(13), np.ones((2, 4)), np.ones((1, 3)))


def test_E_is_a_python_float_whatever_number_the_error_returns(dtype):
    error = ErrorFunction(
        "mine", lambda A, Y: np.mean((A - Y) ** 2), lambda A, Y: 2 * (A - Y) / A.size
    )
    network = Network((2, 1), (identity,), error)
    theta, X, Y = np.ones(3, dtype), np.ones((2, 5), dtype), np.ones((1, 5), dtype)
    assert type(error(Y, Y)) is float
    assert type(network.E(theta, X, Y)) is float
    assert type(network.value_and_gradient(theta, X, Y)[0]) is float


@pytest.mark.parametrize("name", ["theta.npz", "a name without extension"])
def test_what_was_saved_is_loaded(network, theta, tmp_path, name):
    network.save(tmp_path / name, np.zeros_like(theta))
    network.save(str(tmp_path / name), theta)
    loaded = network.load(str(tmp_path / name))
    assert np.array_equal(loaded, theta)
    assert loaded.dtype == theta.dtype
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (Network((2, 3, 2), (sigmoid, identity)), r"with n = \[2, 3, 1\]; expected \[2, 3, 2\]"),
        (Network((2, 4, 3, 1), (sigmoid,) * 3), r"with n = \[2, 3, 1\]; expected \[2, 4, 3, 1\]"),
        (
            Network((2, 3, 1), (tanh, identity)),
            r"with g = \['sigmoid', 'identity'\]; expected \['tanh', 'identity'\]",
        ),
        (
            Network((2, 3, 1), (sigmoid, identity), softmax_cross_entropy),
            "with error = squared_error; expected softmax_cross_entropy",
        ),
    ],
)
def test_the_file_of_another_network_is_refused(network, theta, tmp_path, other, words):
    network.save(tmp_path / "theta.npz", theta)
    with pytest.raises(ValueError, match=f"theta.npz was saved {words}"):
        other.load(tmp_path / "theta.npz")


class Trap:
    """An object whose unpickling fails the test."""

    def __reduce__(self):
        return pytest.fail, ("the file was unpickled",)


DESCRIPTION = {"n": [2, 3, 1], "g": ["sigmoid", "identity"], "error": "squared_error"}


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({}, r"holds \[\]; expected \['theta', 'n', 'g', 'error'\]"),
        (DESCRIPTION, r"holds \['n', 'g', 'error'\]; expected"),
        (
            {**DESCRIPTION, "theta": np.ones(13), "more": 1},
            r"holds \['n', 'g', 'error', 'theta', 'more'",
        ),
        ({**DESCRIPTION, "theta": np.ones(12)}, r"theta has shape \(12,\); expected \(13,\)"),
        ({**DESCRIPTION, "theta": np.ones(13, int)}, "theta has dtype int64"),
        ({**DESCRIPTION, "theta": np.array([Trap()])}, "is not a file that Network.save wrote"),
    ],
)
def test_other_npz_files_are_refused(network, tmp_path, arrays, words):
    np.savez(tmp_path / "theta.npz", **arrays)
    with pytest.raises(ValueError, match=words):
        network.load(tmp_path / "theta.npz")


NOT_OURS = r"is not a file that Network\.save wrote"


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04", pickle.dumps(Trap())])
def test_garbage_is_refused(network, tmp_path, content):
    (tmp_path / "theta.npz").write_bytes(content)
    with pytest.raises(ValueError, match=f"theta.npz {NOT_OURS}") as refusal:
        network.load(tmp_path / "theta.npz")
    assert str(refusal.value).endswith(f": {refusal.value.__cause__}")


def test_an_array_in_a_file_of_its_own_is_refused(network, tmp_path):
    np.save(tmp_path / "theta.npy", np.ones(13))
    with pytest.raises(ValueError, match=f"theta.npy {NOT_OURS}"):
        network.load(tmp_path / "theta.npy")


def test_truncated_files_are_refused(network, theta, tmp_path):
    path = tmp_path / "theta.npz"
    network.save(path, theta)
    content = path.read_bytes()
    for size in range(0, len(content), 20):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=f"theta.npz {NOT_OURS}"):
            network.load(path)


def test_a_changed_byte_is_refused_or_does_not_matter(network, theta, tmp_path):
    path = tmp_path / "theta.npz"
    network.save(path, theta)
    content = path.read_bytes()
    for k in range(0, len(content), 3):
        path.write_bytes(content[:k] + bytes([content[k] ^ 0xFF]) + content[k + 1 :])
        try:
            loaded = network.load(path)
        except (ValueError, OSError):
            continue
        assert np.array_equal(loaded, theta)


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(
    network, theta, tmp_path, monkeypatch
):
    def savez(file, **arrays):
        file.write(b"half a file")
        raise OSError("disk full")

    path = tmp_path / "theta.npz"
    network.save(path, theta)
    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", savez)
        with pytest.raises(OSError, match="disk full"):
            network.save(path, np.zeros_like(theta))
    assert np.array_equal(network.load(path), theta)
    assert list(tmp_path.iterdir()) == [path]


def test_parameters_that_do_not_fit_are_not_saved(network, tmp_path):
    with pytest.raises(ValueError, match=r"theta has shape \(12,\); expected \(13,\)"):
        network.save(tmp_path / "theta.npz", np.ones(12))
    assert not any(tmp_path.iterdir())


def test_files_that_cannot_be_read_or_written_are_named_by_the_system(network, tmp_path):
    with pytest.raises(FileNotFoundError, match="missing"):
        network.load(tmp_path / "missing.npz")
    with pytest.raises(FileNotFoundError, match="missing"):
        network.save(tmp_path / "missing" / "theta.npz", np.ones(13))


def test_the_sine_run_of_the_series_is_that_of_plain_sums():
    x = 0.1 * np.arange(-50, 50)
    network = Network((1, 20, 1), (sigmoid, identity))
    E = network.objective(x.reshape(1, -1), np.sin(x).reshape(1, -1))
    theta = random_normal(network.n, np.random.RandomState(0), scale=0.2)
    theta = gradient_descent(E, theta, rate=0.1, steps=20_000)

    expected, value = sine_run_by_sums(x, np.sin(x), rate=0.1, steps=20_000)
    assert theta == pytest.approx(expected, rel=1e-9)
    assert E(theta)[0] == pytest.approx(value, rel=1e-9)
    assert value == pytest.approx(0.00480154, abs=5e-9)


def sine_run_by_sums(x, y, rate, steps):
    """Return theta and E of a 1-20-1 network, trained without nnlib and matrix products."""
    rng, m = np.random.RandomState(0), len(x)
    u, c, v = (0.2 * rng.standard_normal((20, 1)) for _ in range(3))  # W^1, b^1, transposed W^2
    d = 0.2 * rng.standard_normal()  # b^2
    for _ in range(steps):
        a = 1 / (1 + np.exp(-(u * x + c)))  # a_ic for unit i and input c
        dz = (np.sum(v * a, axis=0) + d - y) / m
        dz_hidden = v * dz * a * (1 - a)
        v = v - rate * np.sum(dz * a, axis=1, keepdims=True)
        d = d - rate * np.sum(dz)
        u = u - rate * np.sum(dz_hidden * x, axis=1, keepdims=True)
        c = c - rate * np.sum(dz_hidden, axis=1, keepdims=True)
    a = 1 / (1 + np.exp(-(u * x + c)))
    E = np.sum((np.sum(v * a, axis=0) + d - y) ** 2) / (2 * m)
    return np.concatenate([u[:, 0], c[:, 0], v[:, 0], [d]]), E


def test_blocks_in_threads_give_the_same_bit_for_bit(dtype):
    network = Network((3, 4, 2), (tanh, identity))
    rng = np.random.default_rng(0)
    theta = random_normal(network.n, rng, scale=1.0, dtype=dtype)
    X = rng.standard_normal((3, 12_345)).astype(dtype)
    Y = rng.standard_normal((2, 12_345)).astype(dtype)
    E, gradient = network.value_and_gradient(theta, X, Y)
    with ThreadPoolExecutor(3) as pool:
        E_in_threads, gradient_in_threads = network.objective(X, Y, pool.map)(theta)
    assert E_in_threads == E
    assert np.array_equal(gradient_in_threads, gradient)


def test_map_blocks_may_return_a_list():
    """As the map of a multiprocessing pool does."""
    network = Network((1, 1), (identity,))
    X = np.arange(2300.0).reshape(1, -1)
    expected = network.value_and_gradient(np.ones(2), X, X)
    value, gradient = network.value_and_gradient(
        np.ones(2), X, X, lambda share, blocks: [share(c) for c in blocks]
    )
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])


def test_map_blocks_is_given_every_block_once():
    network = Network((1, 1), (identity,))
    sizes = []

    def map_blocks(share, blocks):
        blocks = list(blocks)
        sizes.extend(len(range(2300)[c]) for c in blocks)
        return map(share, blocks)

    network.value_and_gradient(np.ones(2), np.ones((1, 2300)), np.ones((1, 2300)), map_blocks)
    assert sizes == [1000, 1000, 300]
