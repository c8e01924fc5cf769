"""nnlib on a GPU, with CuPy's arrays: everything public gives what it gives with NumPy's.

`make test-gpu` runs these tests. They need an NVIDIA GPU and CuPy, the extra `gpu`.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import nnlib

CURE = "python -m pip install cupy-cuda13x, on a machine with an NVIDIA GPU"
cupy = pytest.importorskip("cupy", reason=f"CuPy is not installed: {CURE}")
try:
    cupy.zeros(1)
except Exception as error:
    pytest.skip(f"CuPy finds no GPU ({error}): {CURE}", allow_module_level=True)

ROOT = Path(__file__).parents[2]


def load(path):
    """Return the module in a file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROTOCOLS = load(ROOT / "tests" / "nnlib" / "test_array_protocols.py")


def on_gpu(thing):
    """Return a thing with all its arrays on the GPU."""
    if isinstance(thing, list):
        return [part if part is nnlib.EMPTY else on_gpu(part) for part in thing]
    return cupy.asarray(thing) if isinstance(thing, np.ndarray) else thing


def assert_close(result, expected, eps):
    """Assert that a result is the expected one but for rounding, on the GPU where it has arrays."""
    if isinstance(expected, tuple | list):
        for part, expected_part in zip(result, expected, strict=True):
            assert_close(part, expected_part, eps)
    elif isinstance(expected, np.ndarray) and expected is not nnlib.EMPTY:
        assert isinstance(result, cupy.ndarray)
        assert result.dtype == expected.dtype
        assert result.shape == expected.shape
        size = max(1, np.abs(expected).max())
        assert np.abs(result.get() - expected).max() <= 1000 * eps * size
    elif isinstance(expected, float):
        assert type(result) is float
        assert result == pytest.approx(expected, rel=1000 * eps, abs=1000 * eps)
    else:
        assert result is expected or result == expected


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", PROTOCOLS.WITH_ARRAYS)
def test_results_are_those_of_numpy_and_stay_on_the_gpu(name, dtype):
    function, *arguments = PROTOCOLS.WITH_ARRAYS[name]
    if (name, dtype) == ("check_gradient", np.float32):
        dtype = np.float64  # in which alone differences are taken
    arguments = [PROTOCOLS.cast(argument, dtype) for argument in arguments]
    expected = function(*arguments)
    assert_close(function(*map(on_gpu, arguments)), expected, np.finfo(dtype).eps)


@pytest.mark.parametrize("columns_per_block", [1000, 60_000])
def test_a_gradient_of_many_columns_is_that_of_numpy(columns_per_block):
    network = nnlib.Network(
        (784, 300, 10), (nnlib.relu, nnlib.identity), nnlib.softmax_cross_entropy
    )
    rng = np.random.default_rng(0)
    theta = nnlib.he_normal(network.n, rng, dtype=np.float32)
    X = rng.uniform(size=(60_000, 784)).astype(np.float32).T
    Y = nnlib.one_hot(rng.integers(10, size=60_000), dtype=np.float32)
    E, gradient = network.value_and_gradient(theta, X, Y)
    arrays = map(on_gpu, (theta, X, Y))
    E_gpu, gradient_gpu = network.value_and_gradient(*arrays, columns_per_block=columns_per_block)
    assert E_gpu == pytest.approx(E, rel=1e-5)
    assert np.abs(gradient_gpu.get() - gradient).max() < 1e-5 * np.abs(gradient).max()


def test_arrays_here_and_there_are_not_mixed():
    X = np.ones((2, 3))
    with pytest.raises(ValueError, match=r"X cupy\.ndarray; expected all from the same library"):
        PROTOCOLS.NETWORK(PROTOCOLS.THETA, cupy.asarray(X))


def test_parameters_are_saved_once_they_are_brought_back(tmp_path):
    network, theta = PROTOCOLS.NETWORK, cupy.asarray(PROTOCOLS.THETA)
    with pytest.raises(ValueError, match=r"expected a NumPy array, such as theta\.get\(\)"):
        network.save(tmp_path / "theta.npz", theta)
    network.save(tmp_path / "theta.npz", theta.get())
    assert np.array_equal(network.load(tmp_path / "theta.npz"), PROTOCOLS.THETA)


def test_the_script_reads_digits_as_well_on_the_gpu():
    script = load(ROOT / "examples" / "on_a_gpu.py")
    mnist = nnlib.load_mnist(ROOT / "notebooks" / "data" / "mnist", dtype=np.float32)
    here, there = (script.train(move, mnist, 2) for move in (np.asarray, script.find_gpu()))
    assert there == pytest.approx(here, abs=0.003)
    assert there > 0.96
