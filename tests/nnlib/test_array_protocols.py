"""Arrays of other libraries, such as CuPy's on a GPU: the same results, and no NumPy array inside.

`Foreign` stands for them where there is no GPU. NumPy's functions and operators take it, because it
implements NumPy's two protocols, but it never becomes a NumPy array, nor mixes with one.
"""

import inspect

import numpy as np
import pytest

import nnlib
from nnlib import Activation, ErrorFunction, Network, identity, sigmoid, squared_error


class Foreign(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that lives somewhere else, as CuPy's do: its elements are arrays, too."""

    def __init__(self, x):
        self._x = x  # a NumPy array, which nobody but this class sees

    shape = property(lambda self: self._x.shape)
    ndim = property(lambda self: self._x.ndim)
    size = property(lambda self: self._x.size)
    dtype = property(lambda self: self._x.dtype)
    T = property(lambda self: Foreign(self._x.T))

    def __array__(self, dtype=None, copy=None):
        raise TypeError("a foreign array becomes no NumPy array unless it is asked to")

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return wrap(getattr(ufunc, method)(*unwrap(inputs), **unwrap(options)))

    def __array_function__(self, function, types, arguments, options):
        return wrap(function(*unwrap(arguments), **unwrap(options)))

    def __getitem__(self, key):
        return wrap(self._x[unwrap(key, mixes=True)])

    def __setitem__(self, key, value):
        self._x[unwrap(key, mixes=True)] = unwrap(value)

    def __len__(self):
        return len(self._x)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __bool__(self):
        return bool(self._x)

    def __float__(self):
        return float(self._x)

    def __int__(self):
        return int(self._x)

    def __repr__(self):
        return f"Foreign({self._x!r})"


def _method(name):
    def method(self, *arguments, **options):
        mixes = name == "take"  # whose argument is indices
        return wrap(getattr(self._x, name)(*unwrap(arguments, mixes), **unwrap(options)))

    return method


METHODS = [
    "all",
    "any",
    "argmax",
    "astype",
    "copy",
    "max",
    "mean",
    "min",
    "ravel",
    "reshape",
    "sum",
    "take",
    "view",
]
for _name in METHODS:
    setattr(Foreign, _name, _method(_name))


def unwrap(thing, mixes=False):
    """Return what NumPy is to compute with. NumPy arrays among it are refused, but for indices."""
    if isinstance(thing, Foreign):
        return thing._x
    if isinstance(thing, tuple | list):
        return type(thing)(unwrap(part, mixes) for part in thing)
    if isinstance(thing, dict):
        return {name: unwrap(part, mixes) for name, part in thing.items()}
    assert mixes or not isinstance(thing, np.ndarray) or thing.ndim == 0, "a NumPy array came along"
    return thing


def wrap(thing):
    """Return a result of NumPy as this library would."""
    if isinstance(thing, tuple | list):
        return type(thing)(map(wrap, thing))
    return Foreign(np.asarray(thing)) if isinstance(thing, np.ndarray | np.generic) else thing


def foreign(thing):
    """Return a thing with all its arrays in the other library."""
    if isinstance(thing, np.ndarray):
        return Foreign(thing.copy())
    if isinstance(thing, list):
        return [part if part is nnlib.EMPTY else foreign(part) for part in thing]
    return thing


def assert_same(result, expected):
    """Assert that a result is the expected one, in the other library where that has arrays."""
    if isinstance(expected, tuple | list):
        for part, expected_part in zip(result, expected, strict=True):
            assert_same(part, expected_part)
    elif isinstance(expected, np.ndarray) and expected is not nnlib.EMPTY:
        assert isinstance(result, Foreign)
        assert result.dtype == expected.dtype
        assert result.shape == expected.shape
        # Some loops of NumPy round the last digit by where an array lies in memory.
        rounding = 4 * np.finfo(expected.dtype).eps if expected.dtype.kind == "f" else 0
        assert np.allclose(result._x, expected, rtol=rounding, atol=0)
    else:
        assert type(result) is type(expected)
        assert result is expected or result == expected


NETWORK = Network((2, 3, 1), (sigmoid, identity))
THETA = np.linspace(-1, 1, NETWORK.p)
X, Y = np.array([[1.0, 2.0, 3.0], [3.0, 1.0, -2.0]]), np.array([[1.0, 0.0, 2.0]])
W, b = NETWORK.unpack(THETA)
Z, A = nnlib.forward(W, b, NETWORK.g, X)
LABELS = np.array([0, 1, 0])


def parabola(x):
    """Return x^T x and its gradient."""
    return float(np.sum(x * x)), 2 * x


def descend(rule):
    """Return a function that walks downhill on the network's error."""

    def walk(theta, X, Y):
        seen = []
        E = NETWORK.objective(X, Y)
        end = nnlib.gradient_descent(
            E, theta, 0.1, 5, rule=rule, callback=lambda *c: seen.append(c)
        )
        assert len(seen) == 6
        return end

    return walk


def on_batches(theta, X, Y):
    """Walk downhill on mini-batches."""
    batches = nnlib.minibatches(X, Y, 2, np.random.default_rng(0))
    return nnlib.gradient_descent(NETWORK.value_and_gradient, theta, 0.1, 5, batches=batches)


def evaluated(g):
    """Return a function that evaluates an activation and its derivative."""
    return lambda Z: (g(Z), g.dg(Z, g(Z)))


def erred(error):
    """Return a function that evaluates an error and its derivative."""
    return lambda A, Y: (error(A, Y), error.dA(A, Y))


SMALL = {"columns_per_block": 2}
WITH_ARRAYS = {
    "Network.E": (lambda *arrays: NETWORK.E(*arrays, **SMALL), THETA, X, Y),
    "Network.__call__": (lambda *arrays: NETWORK(*arrays, **SMALL), THETA, X),
    "Network.objective": (lambda theta, X, Y: NETWORK.objective(X, Y)(theta), THETA, X, Y),
    "Network.unpack": (NETWORK.unpack, THETA),
    "Network.value_and_gradient": (
        lambda *arrays: NETWORK.value_and_gradient(*arrays, **SMALL),
        THETA,
        X,
        Y,
    ),
    "accuracy": (nnlib.accuracy, X, LABELS),
    "adam": (descend(nnlib.adam()), THETA, X, Y),
    "backward": (nnlib.backward, W, NETWORK.g, Z, A, Y),
    "check_gradient": (lambda x: nnlib.check_gradient(parabola, x) < 1e-6, X),
    "constant_step": (descend(nnlib.constant_step), THETA, X, Y),
    "Descent": (lambda x: nnlib.gradient_descent(parabola, nnlib.Descent(x), 0.1, 3), X),
    "evaluate": (lambda *arrays: nnlib.evaluate(*arrays), W, b, NETWORK.g, X[:, 0]),
    "forward": (nnlib.forward, W, b, NETWORK.g, X),
    "gradient_by_sums": (nnlib.gradient_by_sums, W, NETWORK.g, Z, A, Y),
    "gradient_descent": (on_batches, THETA, X, Y),
    "line": (nnlib.line, X[0], X[1]),
    "line_search": (descend(nnlib.line_search()), THETA, X, Y),
    "line_through_origin": (nnlib.line_through_origin, X[0], X[1]),
    "linear_regression": (nnlib.linear_regression, X[:1], X[1:]),
    "minibatches": (
        lambda X, Y: next(nnlib.minibatches(X, Y, 2, np.random.default_rng(0))),
        X,
        Y,
    ),
    "momentum": (descend(nnlib.momentum()), THETA, X, Y),
    "numerical_gradient": (
        lambda x: nnlib.numerical_gradient(lambda x: float(np.sum(x * x)), x),
        X,
    ),
    "one_hot": (lambda labels: nnlib.one_hot(labels, classes=3), LABELS),
    "pack": (nnlib.pack, W, b),
    "softmax": (nnlib.softmax, X),
    "unpack": (lambda theta: nnlib.unpack(theta, NETWORK.n), THETA),
    **{g.name: (evaluated(g), X) for g in vars(nnlib).values() if isinstance(g, Activation)},
    **{
        error.name: (erred(error), X, X[:, ::-1])
        for error in vars(nnlib).values()
        if isinstance(error, ErrorFunction)
    },
}
WITHOUT_ARRAYS = {
    "Activation",
    "EMPTY",
    "ErrorFunction",
    "MNIST",
    "Network",
    "Network.load",
    "Network.save",
    "count_parameters",
    "count_steps",
    "glorot_normal",
    "he_normal",
    "load_mnist",
    "random_normal",
}


def test_every_public_name_is_here():
    methods = [name for name, method in vars(Network).items() if inspect.isfunction(method)]
    public = {f"Network.{name}" for name in methods if not name.startswith("_")}
    public.add("Network.__call__")
    assert set(WITH_ARRAYS) | WITHOUT_ARRAYS == set(nnlib.__all__) | public


def cast(thing, dtype):
    """Return a thing with all its float arrays in a dtype."""
    if isinstance(thing, list):
        return [part if part is nnlib.EMPTY else cast(part, dtype) for part in thing]
    is_float = isinstance(thing, np.ndarray) and thing.dtype == np.float64
    return thing.astype(dtype) if is_float else thing


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *((name, np.float64) for name in WITH_ARRAYS),
        *((name, np.float32) for name in WITH_ARRAYS if name != "check_gradient"),
    ],
)
def test_arrays_of_another_library_give_the_same_and_stay_there(name, dtype):
    function, *arguments = WITH_ARRAYS[name]
    arguments = [cast(argument, dtype) for argument in arguments]
    assert_same(function(*map(foreign, arguments)), function(*arguments))


@pytest.mark.parametrize("name", ["theta", "X", "Y"])
def test_arrays_of_two_libraries_are_refused(name):
    arrays = {"theta": THETA, "X": X, "Y": Y}
    arrays[name] = Foreign(arrays[name])
    words = r"arrays are .*Foreign.*; expected all from the same library"
    with pytest.raises(ValueError, match=words):
        NETWORK.value_and_gradient(**arrays)
    with pytest.raises(ValueError, match=words):
        NETWORK.E(**arrays)


def test_weights_of_two_libraries_are_refused():
    mixed = [W[0], W[1], Foreign(W[2])]
    for call in (
        lambda: nnlib.pack(mixed, b),
        lambda: nnlib.forward(mixed, b, NETWORK.g, X),
        lambda: nnlib.backward(mixed, NETWORK.g, Z, A, Y),
        lambda: squared_error(X, Foreign(X)),
    ):
        with pytest.raises(ValueError, match=r"numpy\.ndarray.*Foreign.*; expected all from the"):
            call()


def test_only_numpy_arrays_are_saved(tmp_path):
    words = r"theta is a Foreign; expected a NumPy array, such as theta\.get\(\) for CuPy's"
    with pytest.raises(ValueError, match=words):
        NETWORK.save(tmp_path / "theta.npz", Foreign(THETA))
    assert not any(tmp_path.iterdir())


class Copying(Foreign):
    """An array whose views are copies, as those of a library of graphs or of sparse matrices."""

    def __array_function__(self, function, types, arguments, options):
        return Copying(super().__array_function__(function, types, arguments, options)._x)

    def __getitem__(self, key):
        return Copying(self._x[key].copy())

    def reshape(self, *shape):
        return Copying(self._x.reshape(*shape))


class WithoutOut(Foreign):
    """An array that takes no `out`."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        return NotImplemented if out else super().__array_ufunc__(ufunc, method, *inputs, **options)


class Reluctant(Foreign):
    """An array that takes none of NumPy's functions, and says so in a way of its own."""

    def __array_function__(self, function, types, arguments, options):
        raise NotImplementedError(function)


class HalfWay:
    """An array that implements one of the protocols."""

    dtype, shape, size = np.dtype(np.float64), (3,), 3

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return NotImplemented


@pytest.mark.parametrize(
    "array", [Copying(X), WithoutOut(X), Reluctant(X), HalfWay()], ids=lambda x: type(x).__name__
)
def test_arrays_that_do_not_behave_like_numpys_are_refused(array):
    words = f"X is a {type(array).__name__}; expected a NumPy array"
    for _ in range(2):  # the kind is tried once, and remembered
        with pytest.raises(ValueError, match=words):
            NETWORK(THETA, array)


def test_a_foreign_array_is_no_numpy_array_by_accident():
    """The tests above rest on these refusals."""
    with pytest.raises(TypeError, match="becomes no NumPy array"):
        np.array(Foreign(X))
    with pytest.raises(AssertionError, match="a NumPy array came along"):
        Foreign(X) + X
    with pytest.raises(AssertionError, match="a NumPy array came along"):
        np.hstack([Foreign(X), X])
