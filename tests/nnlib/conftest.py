"""What several of these files use: random networks, layouts, what equal means, and processes."""

import gzip
import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from nnlib import (
    Activation,
    digits,
    gelu,
    identity,
    leaky_relu,
    random_normal,
    relu,
    sigmoid,
    softplus,
    tanh,
    unpack,
)

ACTIVATIONS = (identity, sigmoid, tanh, relu, leaky_relu, softplus, gelu)

settings.register_profile("nnlib", deadline=None, max_examples=50)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "nnlib"))


@dataclass(frozen=True)
class Case:
    """A random network and m random pairs, all of which follow from the four fields.

    Its arrays are read-only: a function that wrote into what it is given would fail.
    """

    n: tuple[int, ...]
    g: tuple[Activation, ...]
    m: int
    seed: int

    def arrays(self, dtype=np.float64):
        """Return theta, X and Y; the columns of Y sum to 1, so that both errors take them."""
        rng = np.random.default_rng(self.seed)
        theta = random_normal(self.n, rng, scale=0.7, dtype=dtype)
        X = rng.standard_normal((self.n[0], self.m)).astype(dtype)
        Y = rng.uniform(0.1, 1, (self.n[-1], self.m)).astype(dtype)
        Y /= Y.sum(axis=0)
        return _read_only(theta), _read_only(X), _read_only(Y)

    def layers(self, dtype=np.float64):
        """Return W, b and g, whose entries l are those of layer l, and X and Y."""
        theta, X, Y = self.arrays(dtype)
        return *unpack(theta, self.n), (identity, *self.g), X, Y


def _read_only(x):
    x.flags.writeable = False
    return x


@st.composite
def _cases(draw):
    n = draw(st.lists(st.integers(1, 5), min_size=2, max_size=5))
    g = draw(st.tuples(*[st.sampled_from(ACTIVATIONS)] * (len(n) - 1)))
    return Case(tuple(n), g, m=draw(st.integers(1, 6)), seed=draw(st.integers(0, 2**32 - 1)))


@pytest.fixture(scope="session")
def cases():
    """A hypothesis strategy: any small network, any activation functions, any data."""
    return _cases()


@pytest.fixture(scope="session")
def case():
    """One network with every kind of layer."""
    return Case((3, 5, 4, 2), (sigmoid, gelu, identity), m=7, seed=0)


@pytest.fixture(scope="session", params=ACTIVATIONS, ids=str)
def activation(request):
    """Each activation function in turn."""
    return request.param


@pytest.fixture(scope="session", params=[np.float64, np.float32])
def dtype(request):
    """Each dtype in turn."""
    return request.param


def _every_second_column(X):
    return np.repeat(X, 2, axis=1)[:, ::2]


def _reversed_rows(X):
    return X[::-1].copy()[::-1]


@pytest.fixture(scope="session")
def eps(dtype):
    """The distance from 1 to the next float of the dtype."""
    return float(np.finfo(dtype).eps)


@pytest.fixture(
    scope="session",
    params=[np.ascontiguousarray, np.asfortranarray, _every_second_column, _reversed_rows],
)
def layout(request):
    """Functions that return the same matrix, laid out in memory in different ways."""
    return request.param


@pytest.fixture(scope="session")
def same():
    """A function: are two arrays of one dtype and shape equal to rounding?"""

    def same(actual, expected):
        rounding = 100 * np.finfo(expected.dtype).eps * max(1, np.abs(expected).max(initial=0))
        return (
            actual.dtype == expected.dtype
            and actual.shape == expected.shape
            and bool(np.all(np.abs(actual - expected) <= rounding))
        )

    return same


@pytest.fixture(scope="session")
def ulps():
    """A function: how many units in the last place is a float from an exact Decimal?

    The unit is the distance between floats at the exact number; below the smallest normal
    number all floats are equally far apart, and digits are lost that no format could keep.
    """

    def ulps(actual, exact):
        unit = np.spacing(abs(type(actual)(exact)))
        return abs(Decimal(float(actual)) - exact) / Decimal(float(unit))

    return ulps


@pytest.fixture(scope="session")
def mnist_directory():
    """The copy of MNIST that the notebooks read, which is not in the package."""
    directory = Path(__file__).parents[2] / "notebooks" / "data" / "mnist"
    if not directory.is_dir():
        pytest.skip("the MNIST files are not here: they come with the notebooks, not the package")
    return directory


@pytest.fixture
def tiny(monkeypatch):
    """Files of five training and three test images in place of MNIST's: their bytes by name."""
    rng, files = np.random.default_rng(0), {}
    for place in ("TRAIN_IMAGES", "TRAIN_LABELS", "TEST_IMAGES", "TEST_LABELS"):
        file = getattr(digits, place)
        shape = (5 if "TRAIN" in place else 3, *file.shape[1:])
        header = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">i4").tobytes()
        content = header + rng.integers(0, 10, shape, dtype=np.uint8).tobytes()
        sums = [hashlib.sha256(x).hexdigest() for x in (content, gzip.compress(content, mtime=0))]
        monkeypatch.setattr(digits, place, digits._File(file.name, shape, *sums))
        files[file.name] = content
    return files


# What a script begins with. Ctrl-C reaches it even where the tests ignore it, as they do where a
# script starts them with &. It ends after two minutes, whatever becomes of the tests, and cannot
# fill the memory.
BOUNDS = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "alarm"):
    signal.alarm(120)
if sys.platform == "linux":
    import resource
    resource.setrlimit(resource.RLIMIT_DATA, (2**32, resource.getrlimit(resource.RLIMIT_DATA)[1]))
"""


@pytest.fixture
def start():
    """A function that starts a Python script in a process, which the end of the test kills."""
    started = []

    def start(script, *arguments, **options):
        command = [sys.executable, "-c", BOUNDS + script, *map(str, arguments)]
        started.append(subprocess.Popen(command, stdout=-1, stderr=-1, text=True, **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
