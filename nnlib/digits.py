"""The MNIST digits and what training on them needs: targets, accuracy, batches (chapter 11)."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

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

MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"
"""Where `load_mnist` fetches the files from if it is given no directory."""

# Of the files without their gzip compression, as `sha256sum` prints them.
_CHECKSUMS = """
ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte
"""


class MNIST(NamedTuple):
    """The images and labels of MNIST.

    Attributes
    ----------
    X_train : array of shape (784, 60000)
        Training images, one per column, row by row of pixels, from 0 (background) to 1 (ink).
    labels_train : integer array of shape (60000,)
        The digits 0, ..., 9 they show.
    X_test : array of shape (784, 10000)
        Test images.
    labels_test : integer array of shape (10000,)
        The digits they show.

    Notes
    -----
    Source: chapter 11.
    """

    X_train: Array
    labels_train: Labels
    X_test: Array
    labels_test: Labels


def load_mnist(
    directory: str | os.PathLike[str] | None = None, dtype: DTypeLike = np.float32
) -> MNIST:
    """Read the MNIST images and labels and verify that they are the published ones.

    Parameters
    ----------
    directory : path, optional
        Where the four IDX files are, gzipped or not. Without one, they are fetched once, by
        `pooch` if that is installed, into the user's cache.
    dtype : dtype, optional
        float32 (the default) or float64; pixels are divided by 255 in it.

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
        If a file is no IDX file, or truncated, corrupted or not MNIST's, of which no more is
        unpacked than MNIST's would be; or if `directory` is no path, or the dtype not float32 or
        float64.
    ImportError
        If there is no directory and `pooch` is not installed.

    Notes
    -----
    Source: chapter 11; Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of
    handwritten digits".
    """
    check_dtype(dtype)
    folder = check_path("directory", "" if directory is None else directory)
    arrays: list[Any] = []
    for sha256, name in (line.split() for line in _CHECKSUMS.split("\n") if line):
        path = _fetch(name) if directory is None else _find(folder, name)
        m = 60000 if "train" in name else 10000
        shape = (m, 28, 28) if "images" in name else (m,)
        X = _read_idx(path, shape, sha256).reshape(m, -1).T
        arrays.append(np.divide(X, 255, dtype=dtype) if "images" in name else X[0].astype(np.int64))
    return MNIST(*arrays)


def _find(directory: Path, name: str) -> Path:
    for path in (directory / name, directory / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{directory} has neither {name} nor {name}.gz")


def _fetch(name: str) -> Path:
    try:
        import pooch
    except ImportError as error:
        what = "pip install pooch, or pass the directory of the four MNIST files"
        raise ImportError(f"load_mnist() without a directory needs pooch: {what}") from error
    file, cache = f"{name}.gz", pooch.os_cache("nnlib-book")
    return Path(pooch.retrieve(MIRROR + file, known_hash=None, fname=file, path=cache))


def _read_idx(path: Path, shape: tuple[int, ...], sha256: str) -> NDArray[np.uint8]:
    """Read one IDX file of unsigned bytes: two zeros, type 8, the axes, their lengths, the data."""
    header = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">i4").tobytes()
    size = len(header) + int(np.prod(shape))
    content = _read_bytes(path, size + 1)
    came, expected = content[:4].hex(" "), header[:4].hex(" ")
    require(came == expected, "{} starts with {}; expected {} of IDX", path, came, expected)
    fits = header.startswith(content[: len(header)]) and len(content) <= size
    require(fits, "{} is an IDX file of another size; expected one of shape {}", path, shape)
    require(len(content) == size, "{} is truncated: {} of {} bytes", path, len(content), size)
    came = hashlib.sha256(content).hexdigest()
    require(came == sha256, "{} is not MNIST's: its SHA-256 is {}", path, came)
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)


def _read_bytes(path: Path, most: int) -> bytes:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return file.read(most)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is no intact gzip file: {error}") from error


def one_hot(labels: Labels, classes: int = 10, dtype: DTypeLike = np.float32) -> Array:
    """Return the targets Y whose column c is the unit vector of label c.

    Parameters
    ----------
    labels : integer array of shape (m,)
        Numbers from 0 to classes - 1.
    classes : int, optional
        The number of rows of Y.
    dtype : dtype, optional
        float32 (the default) or float64.

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
    Y: Array = np.zeros((classes, len(labels)), dtype, order="F")
    Y[labels, np.arange(len(labels))] = 1
    return Y


def accuracy(A: Array, labels: Labels) -> float:
    """Return the share of columns of A whose largest element is in the row of the label.

    Parameters
    ----------
    A : array of shape (n, m)
        Outputs, one column per input.
    labels : integer array of shape (m,)
        The right rows.

    Returns
    -------
    float
        From 0 to 1. Of equal largest elements, the first counts.

    Raises
    ------
    ValueError
        If the shapes do not fit together, a label is no row of A, or A has NaN.

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
    require(not np.isnan(A).any(), "A has NaN, which no label can be right about; expected numbers")
    return float(np.mean(A.argmax(axis=0) == labels))


def minibatches(X: Array, Y: Array, size: int, rng: Random) -> Iterator[tuple[Array, Array]]:
    """Yield batches of columns without end, in a new random order every epoch.

    Every column comes once in each epoch, which has ceil(m / size) batches; the last one is
    smaller if size does not divide m.

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
        If the numbers of columns differ or are zero, `size` is less than 1, or `rng` is no source
        of randomness.

    Notes
    -----
    Source: equations (9.8) and (9.9), chapter 9.

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


def _endless_batches(X: Array, Y: Array, size: int, rng: Random) -> Iterator[tuple[Array, Array]]:
    while True:
        order = rng.permutation(X.shape[1])
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            yield X.T[batch].T, Y.T[batch].T


def _check_labels(labels: Labels, classes: int) -> None:
    require(is_array(labels), "labels is a {}; expected an array", type(labels).__name__)
    fits = labels.ndim == 1 and labels.dtype.kind in "iu"
    require(fits, "labels is {} {}; expected integers on one axis", labels.dtype, labels.shape)
    ends = (labels.min(), labels.max()) if labels.size else (0, 0)
    fits = ends[0] >= 0 and ends[1] < classes
    require(fits, "labels run from {} to {}; expected 0 to {}", *ends, classes - 1)
