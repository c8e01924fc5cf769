"""Chapter 11: the MNIST files, targets, accuracy and batches, and the series' first iterations."""

import gzip
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from threading import Thread

import numpy as np
import pooch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import (
    MNIST,
    Network,
    accuracy,
    count_steps,
    digits,
    gradient_descent,
    identity,
    load_mnist,
    minibatches,
    one_hot,
    random_normal,
    sigmoid,
)
from nnlib.digits import MIRRORS

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
    return load_mnist(mnist_directory, np.float32)


@pytest.fixture(scope="module")
def mnist_64(mnist_directory):
    """The images and labels in float64."""
    return load_mnist(str(mnist_directory))


def same_digits(mnist, files):
    """Return whether the images and labels are those in the files."""
    contents = [np.frombuffer(content, np.uint8) for content in files.values()]
    pixels = [contents[k][16:].reshape(-1, 784).T / 255 for k in (0, 2)]
    labels = [contents[k][8:] for k in (1, 3)]
    return all(map(np.array_equal, mnist, (pixels[0], labels[0], pixels[1], labels[1])))


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


KAGGLE = [name.replace("-idx", ".idx") for name in NAMES]


@pytest.mark.parametrize(
    ("names", "place", "zipped"),
    [
        (NAMES, "", False),
        (KAGGLE, "", False),
        ([f"{name}.gz" for name in KAGGLE], "", True),
        (NAMES, "MNIST/raw", False),
        ([f"{name}.gz" for name in NAMES], "MNIST/raw", True),
        ([f"{name}.gz" for name in NAMES], "", False),
        (NAMES, "", True),
    ],
    ids=[
        "unzipped",
        "Kaggle",
        "Kaggle, zipped",
        "torchvision",
        "torchvision, zipped",
        "unzipped by the browser, which kept .gz",
        "zipped, saved without .gz",
    ],
)
def test_files_are_found_as_people_have_them(tiny, tmp_path, names, place, zipped):
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    for name, content in zip(names, tiny.values(), strict=True):
        (tmp_path / place / name).write_bytes(gzip.compress(content) if zipped else content)
    assert same_digits(load_mnist(tmp_path), tiny)


def test_a_folder_with_the_name_of_a_file_is_passed_over(tiny, tmp_path):
    for kaggle, (name, content) in zip(KAGGLE, tiny.items(), strict=True):
        (tmp_path / name).mkdir()  # as Kaggle's archive has it, with the file in it once more
        (tmp_path / kaggle).write_bytes(content)
    assert same_digits(load_mnist(tmp_path), tiny)


@pytest.mark.parametrize("dtype", [np.float16, np.uint8])
def test_other_dtypes_are_refused(mnist_directory, dtype):
    with pytest.raises(ValueError, match=f"dtype is .*{dtype.__name__}.*; expected float32 or"):
        load_mnist(mnist_directory, dtype)


def write_files(folder, files):
    """Write files by their names into a new folder, and return it."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_named(tiny, tmp_path, name):
    del tiny[name]
    folder = write_files(tmp_path / "mnist", tiny)
    with pytest.raises(FileNotFoundError, match=f"mnist has no {name}; expected one of {name}, "):
        load_mnist(folder)


def test_a_truncated_gzip_file_is_refused(tiny, tmp_path):
    content = gzip.compress(tiny[NAMES[0]])
    for size in (2, 5, 1000, len(content) - 1):
        (tmp_path / f"{NAMES[0]}.gz").write_bytes(content[:size])
        with pytest.raises(ValueError, match=rf"{NAMES[0]}.gz is a damaged gzip file: .* ended"):
            load_mnist(tmp_path)


def test_a_truncated_raw_file_is_refused(tiny, tmp_path):
    content = tiny[NAMES[0]]
    for size in (4, 10, 16, 1000, len(content) - 1):
        (tmp_path / NAMES[0]).write_bytes(content[:size])
        with pytest.raises(ValueError, match=f"is truncated: {size} of {len(content)} bytes"):
            load_mnist(tmp_path)


@pytest.mark.parametrize("position", [2, 1000, -6])
def test_a_corrupted_gzip_file_is_refused(tiny, tmp_path, position):
    content = bytearray(gzip.compress(tiny[NAMES[0]]))
    content[position] ^= 0xFF
    (tmp_path / f"{NAMES[0]}.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"ubyte.gz is (not MNIST's|a damaged gzip file)"):
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


def test_an_idx_file_of_another_size_is_refused(tiny, tmp_path):
    for content in (tiny[NAMES[2]], tiny[NAMES[0]] + b"\0"):
        (tmp_path / NAMES[0]).write_bytes(content)
        with pytest.raises(ValueError, match=r"another size; expected shape \(5, 28, 28\)"):
            load_mnist(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_one_wrong_byte_is_refused(tiny, tmp_path, name):
    tiny[name] = tiny[name][:-1] + bytes([tiny[name][-1] ^ 1])
    folder = write_files(tmp_path / "mnist", tiny)
    with pytest.raises(ValueError, match=f"{name} is not MNIST's: its SHA-256 is [0-9a-f]{{64}}"):
        load_mnist(folder)


class Mirror(ThreadingHTTPServer):
    """A web server with files of its own, by their names, and a count of what it was asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files, self.asked = {}, []

    @property
    def url(self):
        """The address that ends where the name of a file begins."""
        return f"http://127.0.0.1:{self.server_port}/mnist/"


class Answer(BaseHTTPRequestHandler):
    """What a mirror answers: the file, or the page that a hotel shows before you log in."""

    def do_GET(self):
        """Answer a request."""
        name = self.path.rpartition("/")[2]
        self.server.asked.append(name)
        content = self.server.files.get(name, b"<html>Welcome! Please log in.</html>")
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Be quiet."""


@pytest.fixture
def mirrors(tiny, tmp_path, monkeypatch):
    """Two mirrors, both with the four files, and an empty cache."""
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / name)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    started = Mirror(), Mirror()
    monkeypatch.setattr(digits, "MIRRORS", tuple(mirror.url for mirror in started))
    for mirror in started:
        mirror.files = {f"{name}.gz": gzip.compress(tiny[name], mtime=0) for name in NAMES}
        Thread(target=mirror.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield started
    for mirror in started:
        mirror.shutdown()
        mirror.server_close()


def test_without_a_directory_the_four_files_are_fetched_once(tiny, mirrors, capfd):
    for _ in range(2):
        assert same_digits(load_mnist(), tiny)
    assert mirrors[0].asked == [f"{name}.gz" for name in NAMES]
    assert mirrors[1].asked == []
    assert "known_hash" not in "".join(capfd.readouterr())  # pooch's advice to programmers


def test_a_file_that_one_mirror_does_not_have_comes_from_the_other(tiny, mirrors):
    del mirrors[0].files[f"{NAMES[2]}.gz"]
    assert same_digits(load_mnist(), tiny)
    assert mirrors[1].asked == [f"{NAMES[2]}.gz"]


def test_a_login_page_is_not_kept_in_the_cache(tiny, mirrors, tmp_path):
    files = mirrors[0].files
    for mirror in mirrors:
        mirror.files = {}
    with pytest.raises(ConnectionError, match=rf"cannot fetch .*{mirrors[1].url} .*SHA256 hash"):
        load_mnist()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
    mirrors[0].files = files
    assert same_digits(load_mnist(), tiny)


def test_a_damaged_cache_heals(tiny, mirrors, tmp_path):
    load_mnist()
    for name in NAMES:
        (tmp_path / "nnlib-book" / f"{name}.gz").write_bytes(b"<html>Welcome!</html>")
    assert same_digits(load_mnist(), tiny)


def test_without_a_connection_the_error_says_so(mirrors):
    for mirror in mirrors:
        mirror.shutdown()
        mirror.server_close()
    with pytest.raises(ConnectionError, match=f"cannot fetch {NAMES[0]}.gz from .* or .*refused"):
        load_mnist()


def test_there_are_two_mirrors_and_both_are_secure():
    assert len(set(MIRRORS)) == 2
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in MIRRORS)


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


def test_one_hot_has_ten_classes_in_float64_by_default():
    Y = one_hot(np.array([9]))
    assert Y.shape == (10, 1)
    assert Y.dtype == np.float64


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


def test_defaults_fit_together(mnist_64):
    """So the obvious script runs: no dtype has to be given anywhere."""
    network = Network((784, 5, 10), (sigmoid, identity))
    theta = random_normal(network.n, np.random.default_rng(0), scale=0.2)
    E = network.objective(mnist_64.X_test[:, :100], one_hot(mnist_64.labels_test[:100]))
    assert E(gradient_descent(E, theta, 0.01, 5))[0] < E(theta)[0]


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


@given(m=st.integers(1, 20), size=st.integers(1, 25), epochs=st.integers(0, 3))
def test_the_steps_of_some_epochs_are_the_batches_that_have_every_column_so_often(m, size, epochs):
    batches = minibatches(*numbered_columns(m), size, np.random.default_rng(0))
    X = [X for X, _ in islice(batches, count_steps(epochs, m, size))]
    columns = np.hstack([np.empty((3, 0)), *X])[0]
    assert sorted(columns) == sorted([*range(m)] * epochs)


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


def test_the_series_begins_with_the_error_behind_its_figure(mnist_64):
    """Chapter 11 goes on from there: it asserts more rows of the file behind the post's figure."""
    X, labels, X_test, labels_test = mnist_64
    network = Network((784, 300, 10), (sigmoid, identity))
    theta = random_normal(network.n, np.random.RandomState(1), scale=0.2)
    error, _ = network.value_and_gradient(theta, X, one_hot(labels, dtype=np.float64))
    assert error == pytest.approx(23.61994146890, rel=1e-9)
    right = accuracy(network(theta, X_test), labels_test) * len(labels_test)
    assert right == pytest.approx(1010)
