"""Chapter 11: the MNIST files, targets, accuracy and batches, and the series' first iterations."""

import gzip
import shutil
import sys
from itertools import islice

import numpy as np
import pooch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import (
    MNIST,
    Network,
    accuracy,
    gradient_descent,
    identity,
    load_mnist,
    minibatches,
    one_hot,
    random_normal,
    sigmoid,
)
from nnlib.digits import MIRROR

NAMES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]
COUNTS = {  # how often the digits 0, ..., 9 are shown
    "train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}


@pytest.fixture(scope="session")
def mnist(mnist_directory):
    """The images and labels in float32."""
    return load_mnist(mnist_directory)


@pytest.fixture(scope="module")
def mnist_64(mnist_directory):
    """The images and labels in float64."""
    return load_mnist(str(mnist_directory), np.float64)


@pytest.fixture
def raw(mnist_directory):
    """A function that returns the bytes of a file, unzipped."""
    return lambda name: gzip.decompress((mnist_directory / f"{name}.gz").read_bytes())


def test_images_are_columns_of_pixels_from_0_to_1(mnist):
    assert isinstance(mnist, MNIST)
    for X, m in ((mnist.X_train, 60_000), (mnist.X_test, 10_000)):
        assert X.shape == (784, m)
        assert X.dtype == np.float32
        assert X.flags.f_contiguous
        assert X[:, 0].flags.c_contiguous
        assert (X.min(), X.max()) == (0, 1)


def test_labels_are_the_digits(mnist):
    for labels, counts in (
        (mnist.labels_train, COUNTS["train"]),
        (mnist.labels_test, COUNTS["test"]),
    ):
        assert labels.dtype == np.int64
        assert np.bincount(labels).tolist() == counts


@pytest.mark.parametrize("fixture", ["mnist", "mnist_64"])
def test_pixels_are_divided_by_255_in_the_dtype(fixture, request, raw):
    X = request.getfixturevalue(fixture).X_test
    pixels = np.frombuffer(raw(NAMES[2])[16:], np.uint8).reshape(10_000, 784)
    assert np.array_equal(X.T, pixels.astype(X.dtype) / X.dtype.type(255))
    assert X.dtype == {"mnist": np.float32, "mnist_64": np.float64}[fixture]


def test_unzipped_files_are_taken_too(mnist, raw, tmp_path):
    for name in NAMES:
        (tmp_path / name).write_bytes(raw(name))
    assert all(map(np.array_equal, load_mnist(tmp_path), mnist))


@pytest.mark.parametrize("dtype", [np.float16, np.uint8])
def test_other_dtypes_are_refused(mnist_directory, dtype):
    with pytest.raises(ValueError, match=f"dtype is .*{dtype.__name__}.*; expected float32 or"):
        load_mnist(mnist_directory, dtype)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(mnist_directory, tmp_path, name):
    copy = shutil.copytree(mnist_directory, tmp_path / "mnist")
    (copy / f"{name}.gz").unlink()
    with pytest.raises(FileNotFoundError, match=f"mnist has neither {name} nor {name}.gz"):
        load_mnist(copy)


def test_a_truncated_gzip_file_is_refused(mnist_directory, tmp_path):
    content = (mnist_directory / f"{NAMES[0]}.gz").read_bytes()
    for size in (0, 5, 1000, len(content) - 1):
        (tmp_path / f"{NAMES[0]}.gz").write_bytes(content[:size])
        with pytest.raises(ValueError, match=f"{NAMES[0]}.gz"):
            load_mnist(tmp_path)
    with pytest.raises(ValueError, match=r"is no intact gzip file: .* ended before the end"):
        load_mnist(tmp_path)


def test_a_truncated_raw_file_is_refused(raw, tmp_path):
    content = raw(NAMES[0])
    for size in (10, 16, 1000, len(content) - 1):
        (tmp_path / NAMES[0]).write_bytes(content[:size])
        with pytest.raises(ValueError, match=f"is truncated: {size} of 47040016 bytes"):
            load_mnist(tmp_path)


@pytest.mark.parametrize("position", [0, 3000, -6])
def test_a_corrupted_gzip_file_is_refused(mnist_directory, tmp_path, position):
    content = bytearray((mnist_directory / f"{NAMES[0]}.gz").read_bytes())
    content[position] ^= 0xFF
    (tmp_path / f"{NAMES[0]}.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"ubyte.gz is no(t MNIST's| intact gzip file)"):
        load_mnist(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "starts with ; expected 00 00 08 03 of IDX"),
        (b"\x89PNG\r\n", "starts with 89 50 4e 47; expected 00 00 08 03"),
        (b"\0\0\x08\x01\0\0\xea\x60", "starts with 00 00 08 01; expected 00 00 08 03"),
        (b"\0\0\x0d\x03\0\0\xea\x60", "starts with 00 00 0d 03; expected 00 00 08 03"),
    ],
)
def test_a_foreign_file_is_refused(tmp_path, content, words):
    (tmp_path / NAMES[0]).write_bytes(content)
    with pytest.raises(ValueError, match=f"{NAMES[0]} {words}"):
        load_mnist(tmp_path)
    (tmp_path / NAMES[0]).unlink()
    (tmp_path / f"{NAMES[0]}.gz").write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=f"{NAMES[0]}.gz {words}"):
        load_mnist(tmp_path)


def test_an_idx_file_of_another_size_is_refused(raw, tmp_path):
    for content in (raw(NAMES[2]), raw(NAMES[0]) + b"\0"):
        (tmp_path / NAMES[0]).write_bytes(content)
        with pytest.raises(ValueError, match=r"another size; expected one of shape \(60000, 28"):
            load_mnist(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_one_wrong_byte_is_refused(mnist_directory, raw, tmp_path, name):
    copy = shutil.copytree(mnist_directory, tmp_path / "mnist")
    content = bytearray(raw(name))
    content[-1] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ValueError, match=f"{name} is not MNIST's: its SHA-256 is [0-9a-f]{{64}}"):
        load_mnist(copy)


def test_without_a_directory_pooch_fetches_the_four_files(mnist, mnist_directory, monkeypatch):
    urls = []

    def retrieve(url, known_hash, fname, path):
        urls.append(url)
        assert url.endswith(f"/{fname}")
        return str(mnist_directory / fname)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    assert all(map(np.array_equal, load_mnist(), mnist))
    assert urls == [f"{MIRROR}{name}.gz" for name in NAMES]


def test_without_a_directory_and_pooch_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(ImportError, match="pip install pooch, or pass the directory"):
        load_mnist()


@given(labels=st.lists(st.integers(0, 6), max_size=20))
def test_column_c_of_one_hot_is_the_unit_vector_of_label_c(labels, dtype):
    Y = one_hot(np.array(labels, np.uint8), classes=7, dtype=dtype)
    assert Y.shape == (7, len(labels))
    assert Y.dtype == dtype
    assert Y.flags.f_contiguous
    assert all(Y[i, c] == (i == label) for c, label in enumerate(labels) for i in range(7))


def test_one_hot_has_ten_classes_in_float32_by_default():
    Y = one_hot(np.array([9]))
    assert Y.shape == (10, 1)
    assert Y.dtype == np.float32


LABELS = pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.array([0, 10]), "labels run from 0 to 10; expected 0 to 9"),
        (np.array([-1, 3]), "labels run from -1 to 3; expected 0 to 9"),
        (np.array([0.0, 1.0]), r"labels is float64 \(2,\); expected integers"),
        (np.array([[0, 1]]), r"labels is int64 \(1, 2\); expected integers on one axis"),
        ([0, 1], "labels is a list; expected an array"),
    ],
)


@LABELS
def test_labels_that_are_no_digits_are_refused(labels, words):
    with pytest.raises(ValueError, match=words):
        one_hot(labels)
    with pytest.raises(ValueError, match=words):
        accuracy(np.ones((10, 2)), labels)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"classes": 0}, "classes is 0; expected an integer of at least 1"),
        ({"classes": 2.5}, "classes is 2.5; expected an integer of at least 1"),
        ({"dtype": np.int64}, "dtype is .*int64.*; expected float32 or float64"),
    ],
)
def test_one_hot_refuses_bad_options(options, words):
    with pytest.raises(ValueError, match=words):
        one_hot(np.array([0]), **options)


def test_accuracy_is_the_share_of_columns_largest_in_the_row_of_the_label(dtype, layout):
    A = np.array([[0.5, -2, 1, 7], [0.1, -1, 1, 9], [0.4, -3, 1, 8]], dtype)
    assert accuracy(layout(A), np.array([0, 1, 0, 1])) == 1  # of equal elements the first
    assert accuracy(layout(A), np.array([0, 1, 1, 2])) == 0.5
    assert accuracy(layout(A), np.array([2, 0, 2, 0])) == 0
    assert type(accuracy(A, np.array([0, 1, 0, 1]))) is float


def test_accuracy_of_the_targets_themselves_is_1(mnist):
    assert accuracy(one_hot(mnist.labels_test), mnist.labels_test) == 1


@pytest.mark.parametrize(
    ("A", "labels", "words"),
    [
        (np.ones((10, 3)), np.array([0, 1]), r"A has shape \(10, 3\); expected \(n, 2\)"),
        (
            np.ones((10, 0)),
            np.array([], int),
            r"A has shape \(10, 0\); expected at least one element",
        ),
        (np.ones(10), np.array([0]), r"A has shape \(10,\); expected \(n, m\)"),
        (np.ones((10, 2), int), np.array([0, 1]), "A has dtype int64"),
    ],
)
def test_outputs_that_do_not_fit_the_labels_are_refused(A, labels, words):
    with pytest.raises(ValueError, match=words):
        accuracy(A, labels)


def numbered_columns(m, dtype=np.float64):
    """Return X and Y whose columns c hold c and -c, read-only."""
    X = np.arange(m, dtype=dtype) * np.ones((3, 1), dtype)
    Y = -X[:2]
    X.flags.writeable = Y.flags.writeable = False
    return X, Y


@given(m=st.integers(1, 20), size=st.integers(1, 25), seed=st.integers(0, 2**32 - 1))
def test_every_column_comes_once_an_epoch_and_X_and_Y_stay_paired(m, size, seed):
    batches = minibatches(*numbered_columns(m), size, np.random.default_rng(seed))
    for _ in range(3):
        epoch = list(islice(batches, -(-m // size)))
        assert [X.shape[1] for X, _ in epoch[:-1]] == [size] * (len(epoch) - 1)
        assert epoch[-1][0].shape[1] == m - size * (len(epoch) - 1)
        X, Y = (np.hstack(parts) for parts in zip(*epoch, strict=True))
        assert sorted(X[0]) == list(range(m))
        assert np.array_equal(Y, -X[:2])


@pytest.mark.parametrize("source", [np.random.default_rng, np.random.RandomState])
def test_the_order_is_random_and_that_of_the_seed(source):
    first, again, other = (
        [X[0].tolist() for X, _ in islice(minibatches(*numbered_columns(30), 8, source(seed)), 8)]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert first[:4] != first[4:]  # a new order every epoch


def test_batches_keep_the_dtype_and_have_contiguous_columns(dtype, layout):
    X, Y = (layout(M) for M in numbered_columns(9, dtype))
    for X_batch, Y_batch in islice(minibatches(X, Y, 4, np.random.default_rng(0)), 3):
        assert X_batch.dtype == Y_batch.dtype == dtype
        assert X_batch.flags.f_contiguous
        assert Y_batch.flags.f_contiguous
        assert np.array_equal(Y_batch, -X_batch[:2])


@pytest.mark.parametrize(
    ("X", "Y", "size", "words"),
    [
        (np.ones((3, 4)), np.ones((2, 5)), 2, r"Y has shape \(2, 5\); expected \(n\^L, 4\)"),
        (
            np.ones((3, 0)),
            np.ones((2, 0)),
            2,
            r"X has shape \(3, 0\); expected at least one element",
        ),
        (np.ones((3, 4)), np.ones((2, 4)), 0, "size is 0; expected an integer of at least 1"),
        (np.ones((3, 4)), np.ones((2, 4)), 1.5, "size is 1.5; expected an integer"),
        (np.ones(4), np.ones((2, 4)), 2, r"X has shape \(4,\); expected \(n\^0, m\)"),
        (np.ones((3, 4)), np.ones((2, 4), int), 2, "Y has dtype int64"),
    ],
)
def test_batches_of_what_does_not_fit_are_refused_before_the_first(X, Y, size, words):
    with pytest.raises(ValueError, match=words):
        minibatches(X, Y, size, np.random.default_rng(0))


def test_an_epoch_of_batches_is_a_descent_on_their_errors(dtype):
    network = Network((3, 4, 2), (sigmoid, identity))
    X, Y = numbered_columns(10, dtype)
    start = random_normal(network.n, np.random.default_rng(0), scale=0.2, dtype=dtype)

    def batches():
        return islice(minibatches(X, Y, 4, np.random.default_rng(1)), 3)

    theta = start
    for batch in batches():
        theta = theta - 0.01 * network.value_and_gradient(theta, *batch)[1]
    descent = gradient_descent(network.value_and_gradient, start, 0.01, 3, batches=batches())
    assert np.array_equal(descent, theta)
    assert descent.dtype == dtype


def test_the_series_begins_with_the_error_that_it_published(mnist_64):
    """Chapter 11 goes on from there: it asserts what was published of the next iterations."""
    X, labels, X_test, labels_test = mnist_64
    network = Network((784, 300, 10), (sigmoid, identity))
    theta = random_normal(network.n, np.random.RandomState(1), scale=0.2)
    error, _ = network.value_and_gradient(theta, X, one_hot(labels, dtype=np.float64))
    assert error == pytest.approx(23.61994146890, rel=1e-9)
    right = accuracy(network(theta, X_test), labels_test) * len(labels_test)
    assert right == pytest.approx(1010)
