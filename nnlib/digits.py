"""The MNIST digits and what training on them needs: targets, accuracy, batches (chapter 11)."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnlib._checks import (
    Array,
    Labels,
    Random,
    check_array,
    check_count,
    check_dtype,
    check_path,
    check_random,
    is_array,
    require,
)

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
"""Where `load_mnist` fetches the files if it is given no directory: the first that has them."""


class _File(NamedTuple):
    """One of the four files of MNIST, with its checksums as `sha256sum` prints them."""

    name: str
    shape: tuple[int, ...]
    sha256: str
    sha256_gz: str  # as published, compressed by gzip; recompressed, the file has another


TRAIN_IMAGES = _File(
    "train-images-idx3-ubyte",
    (60000, 28, 28),
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
)
TRAIN_LABELS = _File(
    "train-labels-idx1-ubyte",
    (60000,),
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
)
TEST_IMAGES = _File(
    "t10k-images-idx3-ubyte",
    (10000, 28, 28),
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
)
TEST_LABELS = _File(
    "t10k-labels-idx1-ubyte",
    (10000,),
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
)


class MNIST(NamedTuple):
    """The images and labels of MNIST.

    Attributes
    ----------
    X_train : array of shape (784, 60000)
        Training images, one per column, row by row of pixels, from 0 (background) to 1 (ink).
    labels_train : integer array of shape (60000,)
        The digits that they show, from 0 to 9.
    X_test : array of shape (784, 10000)
        Test images.
    labels_test : integer array of shape (10000,)
        The digits that they show.

    Notes
    -----
    Source: chapter 11.
    """

    X_train: Array
    labels_train: Labels
    X_test: Array
    labels_test: Labels


def load_mnist(
    directory: str | os.PathLike[str] | None = None, dtype: DTypeLike = np.float64
) -> MNIST:
    """Read the MNIST images and labels, and make sure that they are the published ones.

    Parameters
    ----------
    directory : path, optional
        The folder of the four IDX files, gzipped or not, under the names that they usually have:
        with ``-idx3-ubyte`` or ``.idx3-ubyte``, in the folder itself or in its ``MNIST/raw``. If no
        folder is given, the files are fetched once into the user's cache, by `pooch`.
    dtype : dtype, optional
        float64 (the default) or float32, in which pixels are divided by 255.

    Returns
    -------
    MNIST
        X_train, labels_train, X_test and labels_test. Images are in Fortran order, so that
        columns are contiguous.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is not an IDX file, or is truncated, corrupted or not MNIST's (no more of it is
        unpacked than MNIST's would need), if `directory` is not a path, or if `dtype` is not
        float32 or float64.
    ImportError
        If no folder is given and `pooch` is not installed.
    ConnectionError
        If no folder is given and no mirror has a file; the message says what each answered.

    Notes
    -----
    Source: chapter 11; Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of
    handwritten digits".
    """
    check_dtype(dtype)
    folder = None if directory is None else check_path("directory", directory)
    return MNIST(
        _images(TRAIN_IMAGES, folder, dtype),
        _labels(TRAIN_LABELS, folder),
        _images(TEST_IMAGES, folder, dtype),
        _labels(TEST_LABELS, folder),
    )


def _images(file: _File, folder: Path | None, dtype: DTypeLike) -> Array:
    pixels = _read(file, folder)
    X: Array = np.divide(pixels.reshape(len(pixels), -1).T, 255, dtype=dtype)
    return X


def _labels(file: _File, folder: Path | None) -> Labels:
    return _read(file, folder).astype(np.int64)


def _read(file: _File, folder: Path | None) -> NDArray[np.uint8]:
    path = _fetch(file) if folder is None else _find(file, folder)
    return _read_idx(path, file)


def _find(file: _File, folder: Path) -> Path:
    """Return the path of a file in the folder, under the name of MNIST's pages or of an archive."""
    dotted = file.name.replace("-idx", ".idx")  # as Kaggle has it, and as 7-Zip unpacks it
    names = [file.name, f"{file.name}.gz", dotted, f"{dotted}.gz"]
    paths = [place / name for place in (folder, folder / "MNIST" / "raw") for name in names]
    for path in paths:
        if path.is_file():
            return path
    raise FileNotFoundError(f"{folder} has no {file.name}; expected one of {', '.join(names)}")


def _fetch(file: _File) -> Path:
    """Return the path of a file in the user's cache, which pooch fills and checks."""
    try:
        import pooch
    except ImportError as error:
        advice = "pip install pooch, or pass the directory of the four MNIST files"
        raise ImportError(f"load_mnist() without a directory needs pooch: {advice}") from error
    name, cache = f"{file.name}.gz", pooch.os_cache("nnlib-book")
    answers = []
    for mirror in MIRRORS:
        try:
            return Path(pooch.retrieve(mirror + name, file.sha256_gz, fname=name, path=cache))
        except (OSError, ValueError) as error:  # no connection, or another file
            answers.append(f"{mirror} ({error})")
    raise ConnectionError(f"cannot fetch {name} from {' or '.join(answers)}")


def _read_idx(path: Path, file: _File) -> NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes: two zeros, type 8, the axes, their lengths, the data."""
    header = bytes([0, 0, 8, len(file.shape)]) + np.array(file.shape, ">i4").tobytes()
    size = len(header) + int(np.prod(file.shape))
    content = _read_bytes(path, size + 1)
    start, expected = content[:4].hex(" "), header[:4].hex(" ")
    require(start == expected, "{} starts with {}; expected {} of IDX", path, start, expected)
    # A truncated file may end in its header.
    fits = header.startswith(content[: len(header)]) and len(content) <= size
    require(fits, "{} is an IDX file of another size; expected shape {}", path, file.shape)
    require(len(content) == size, "{} is truncated: {} of {} bytes", path, len(content), size)
    sha256 = hashlib.sha256(content).hexdigest()
    require(sha256 == file.sha256, "{} is not MNIST's: its SHA-256 is {}", path, sha256)
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(file.shape)


def _read_bytes(path: Path, most: int) -> bytes:
    """Return the first bytes of a file, unpacked if its content, whatever its name, is gzipped."""
    with path.open("rb") as file:
        gzipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        try:
            return gzip.open(file).read(most) if gzipped else file.read(most)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{path} is a damaged gzip file: {error}") from error


def one_hot(labels: Labels, classes: int = 10, dtype: DTypeLike = np.float64) -> Array:
    """Return the targets Y whose column c is the unit vector of label c.

    Parameters
    ----------
    labels : integer array of shape (m,)
        Integers from 0 to classes - 1.
    classes : int, optional
        The number of rows of Y.
    dtype : dtype, optional
        float64 (the default) or float32.

    Returns
    -------
    array of shape (classes, m)
        1 where the row is the label, 0 elsewhere; in Fortran order.

    Raises
    ------
    ValueError
        If the labels are not integers from 0 to classes - 1, or the dtype is not float32 or
        float64.

    Notes
    -----
    Source: equation (11.1), chapter 11.

    Examples
    --------
    >>> print(one_hot(np.array([2, 0]), classes=3))
    [[0. 1.]
     [0. 0.]
     [1. 0.]]
    """
    classes = check_count("classes", classes, least=1)
    _check_labels(labels, classes)
    check_dtype(dtype)
    Y: Array = np.zeros((classes, len(labels)), dtype, order="F", like=labels)
    Y[labels, np.arange(len(labels), like=labels)] = 1
    return Y


def accuracy(A: Array, labels: Labels) -> float:
    """Return the share of columns of A whose largest element is in the row of the label.

    Parameters
    ----------
    A : array of shape (n, m)
        Outputs, one column per input.
    labels : integer array of shape (m,)
        The indices of the right rows.

    Returns
    -------
    float
        From 0 to 1. If several elements are largest, the first counts.

    Raises
    ------
    ValueError
        If the shapes do not fit together, a label is not the index of a row of A, or A has NaN.

    Notes
    -----
    Source: equation (11.2), chapter 11.

    Examples
    --------
    >>> accuracy(np.array([[0.1, 0.8], [0.9, 0.2]]), np.array([1, 1]))
    0.5
    """
    check_array("A", A, "n", "m")
    _check_labels(labels, len(A))
    check_array("A", A, "n", len(labels))
    require(not np.isnan(A).any(), "A has NaN; expected numbers, of which one is largest")
    return float(np.mean(A.argmax(axis=0) == labels))


def minibatches(X: Array, Y: Array, size: int, rng: Random) -> Iterator[tuple[Array, Array]]:
    """Yield batches of columns without end, in a new random order every epoch.

    In each epoch every column comes once. An epoch has ceil(m / size) batches, of which the last is
    smaller if size does not divide m; `count_steps` counts the batches of several epochs.

    Parameters
    ----------
    X : array of shape (n^0, m)
        The inputs.
    Y : array of shape (n^L, m)
        The targets.
    size : int
        The number of columns of a batch.
    rng : numpy.random.Generator or numpy.random.RandomState
        The source of randomness.

    Yields
    ------
    X_batch, Y_batch : arrays of shape (n^0, size) and (n^L, size)
        The same columns of both.

    Raises
    ------
    ValueError
        If the numbers of columns differ or are zero, `size` is less than 1, or `rng` is not a
        random generator.

    Notes
    -----
    Source: equations (9.8) and (9.9), chapter 9.

    Columns are copied fastest from arrays in Fortran order, as `load_mnist` returns them. From
    others it may take as long as a step: ``X = np.asfortranarray(X)`` before the training helps.

    Examples
    --------
    >>> X = np.arange(6.0).reshape(1, 6)
    >>> batches = minibatches(X, X, size=4, rng=np.random.default_rng(0))
    >>> [next(batches)[0].shape for _ in range(3)]
    [(1, 4), (1, 2), (1, 4)]
    """
    check_array("X", X, "n^0", "m")
    check_array("Y", Y, "n^L", X.shape[1])
    check_random(rng)
    size = check_count("size", size, least=1)
    return _endless_batches(X, Y, size, rng)


def count_steps(epochs: int, m: int, size: int) -> int:
    """Return the number of batches, and so of steps, in some epochs of `minibatches`.

    Parameters
    ----------
    epochs : int
        How often every column comes.
    m : int
        The number of columns of X.
    size : int
        The number of columns of a batch.

    Returns
    -------
    int
        epochs ceil(m / size), to be passed to `nnlib.gradient_descent` as `steps`.

    Raises
    ------
    ValueError
        If `epochs` is not an integer of at least 0, or `m` or `size` not one of at least 1.

    Notes
    -----
    Source: chapter 9.

    Examples
    --------
    >>> count_steps(epochs=10, m=60000, size=32)
    18750
    """
    epochs = check_count("epochs", epochs, least=0)
    m, size = check_count("m", m, least=1), check_count("size", size, least=1)
    return epochs * -(-m // size)  # -(-m // size) is m / size, rounded up


def _endless_batches(X: Array, Y: Array, size: int, rng: Random) -> Iterator[tuple[Array, Array]]:
    while True:
        order = rng.permutation(X.shape[1])
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            yield X.T[batch].T, Y.T[batch].T  # X[:, batch], with contiguous columns


def _check_labels(labels: Labels, classes: int) -> None:
    require(is_array(labels), "labels is a {}; expected an array", type(labels).__name__)
    integers = labels.ndim == 1 and labels.dtype.kind in "iu"
    require(integers, "labels is {} {}; expected integers on one axis", labels.dtype, labels.shape)
    if labels.size:
        least, largest = labels.min(), labels.max()
        in_range = least >= 0 and largest < classes
        require(in_range, "labels run from {} to {}; expected 0 to {}", least, largest, classes - 1)
