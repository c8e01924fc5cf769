"""Every public function against everything that is not what it is documented to take.

`DOORS` has a valid call of every public name, `SPOILED` what else might come for an argument of a
kind, and the words that the ValueError promises. A new name or argument has to be entered.
"""

import inspect
import re
import types
from fractions import Fraction

import numpy as np
import pytest

import nnlib
from nnlib import (
    Activation,
    ErrorFunction,
    Network,
    forward,
    identity,
    relu,
    sigmoid,
    squared_error,
    tanh,
)

pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")

NETWORK = Network((2, 3, 1), (sigmoid, identity))
THETA = np.linspace(-1, 1, NETWORK.p)
X, Y = np.array([[1.0, 2.0, 3.0], [3.0, 1.0, -2.0]]), np.array([[1.0, 0.0, 2.0]])
W, b = nnlib.unpack(THETA, NETWORK.n)
Z, A = forward(W, b, NETWORK.g, X)
LABELS = np.array([0, 1, 0])
for array in (THETA, X, Y, LABELS, *W[1:], *b[1:], *Z[1:], *A):
    array.flags.writeable = False


def parabola(x):
    """Return x^T x and its gradient."""
    return float(np.sum(x * x)), 2 * x


def objective(X, Y, **options):
    """Evaluate what `Network.objective` returns."""
    return NETWORK.objective(X, Y, **options)(THETA)


RNG = np.random.default_rng(0)
LAYERS = {"W": W, "b": b, "g": NETWORK.g}
BACK = {"W": W, "g": NETWORK.g, "Z": Z, "A": A, "dA": Y}
DRAW = {"n": (2, 3, 1), "rng": RNG, "dtype": np.float64}
PAIRS = {"theta": THETA, "X": X, "Y": Y}
BLOCK = {"columns_per_block": 2}
POINTS = {"x": X[0], "y": X[1]}
ACTIVATIONS = [thing for thing in vars(nnlib).values() if isinstance(thing, Activation)]
ERRORS = [thing for thing in vars(nnlib).values() if isinstance(thing, ErrorFunction)]

DOORS = {
    "Activation": {"name": "square", "g": np.square, "dg": lambda Z, A: 2 * Z},
    "ErrorFunction": {"name": "mine", "E": squared_error.E, "dA": squared_error.dA},
    "Network": {"n": (2, 3, 1), "g": (sigmoid, identity), "error": squared_error},
    "Network.E": {**PAIRS, **BLOCK},
    "Network.__call__": {"theta": THETA, "X": X, **BLOCK},
    "Network.load": {"path": "theta.npz"},
    "Network.objective": {"X": X, "Y": Y, "map_blocks": map, **BLOCK},
    "Network.save": {"path": "theta.npz", "theta": THETA},
    "Network.unpack": {"theta": THETA},
    "Network.value_and_gradient": {**PAIRS, "map_blocks": map, **BLOCK},
    "accuracy": {"A": X, "labels": LABELS},
    "adam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "backward": BACK,
    "Descent": {"x": X, "k": 0, "state": None},
    "check_gradient": {"f": parabola, "x": X, "h": 1e-5, "tolerance": 1e-6},
    "count_parameters": {"n": (2, 3, 1)},
    "count_steps": {"epochs": 2, "m": 3, "size": 2},
    "evaluate": {**LAYERS, "x": X[:, 0].copy()},
    "forward": {**LAYERS, "X": X},
    "glorot_normal": DRAW,
    "gradient_by_sums": BACK,
    "gradient_descent": {
        "f": parabola,
        "x": X,
        "rate": 0.1,
        "steps": 3,
        "rule": nnlib.constant_step,
        "batches": [()] * 3,
        "callback": lambda k, x, value, gradient: False,
    },
    "he_normal": DRAW,
    "line": POINTS,
    "line_search": {"shrink": 0.5, "slope": 1e-4},
    "line_through_origin": POINTS,
    "linear_regression": {"X": X, "Y": Y},
    "load_mnist": {"directory": "mnist", "dtype": np.float32},
    "minibatches": {"X": X, "Y": Y, "size": 2, "rng": RNG},
    "momentum": {"beta": 0.9},
    "numerical_gradient": {"f": lambda x: float(np.sum(x)), "x": X, "h": 1e-5},
    "one_hot": {"labels": LABELS, "classes": 2, "dtype": np.float32},
    "pack": {"W": W, "b": b},
    "random_normal": {**DRAW, "scale": 0.2},
    "softmax": {"Z": X},
    "unpack": {"theta": THETA, "n": (2, 3, 1)},
    **{error.name: {"A": X, "Y": X} for error in ERRORS},
}
NO_DOORS = {
    **{g.name: "for arrays, numbers and objects alike" for g in ACTIVATIONS},
    "EMPTY": "an array",
    "MNIST": "holds what load_mnist puts into it",
    "constant_step": "a rule is called by gradient_descent, which has checked what it passes",
}
CALLS = {"Network.__call__": NETWORK, "Network.objective": objective}


def call(door, arguments):
    """Call a public function, or a method of `NETWORK`, by its name."""
    owner = NETWORK if door.startswith("Network.") else nnlib
    return CALLS.get(door, getattr(owner, door.rpartition(".")[2], None))(**arguments)


def arrays_of(door):
    """Return the arguments that are float arrays, if there are several."""
    arguments = DOORS[door].items()
    arrays = {name: x for name, x in arguments if getattr(x, "dtype", None) == np.float64}
    return arrays if len(arrays) > 1 else {}


class Sub(np.ndarray):
    """An array with operators of its own, for all that a function can know."""


def wrong_arrays(name, x):
    """Yield what is no array of x's kind, and what is to be said about it."""
    others = [None, 3, 1.5, 1j, "x", x.tolist(), {}, object(), x.view(Sub), np.ma.masked_array(x)]
    for value in [*others, np.asmatrix(np.zeros((2, 3)))]:
        yield value, f"{name} is a {type(value).__name__}; expected a NumPy array"
    for dtype in (int, np.uint8, bool, complex, object, np.float16, np.longdouble, "U9", ">f8"):
        value = x.astype(dtype)
        yield value, f"{name} has dtype {value.dtype}; expected float32 or float64"


def wrong_shapes(name, x):
    """Yield arrays of x's dtype with other numbers of axes, and what is to be said about them."""
    for value in (x[0], x[..., None], np.float64(1)):
        yield value, f"{name} has shape {value.shape}; expected ("
    yield x[..., :0], f"{name} has shape {x[..., :0].shape}; expected at least one element"


def wrong_entries(name, arrays):
    """Yield lists in which one array is wrong, and what is to be said about them."""
    for l in range(1, len(arrays)):
        entry = f"{name}[{l}]"
        for value, words in (*wrong_arrays(entry, arrays[l]), *wrong_shapes(entry, arrays[l])):
            yield [*arrays[:l], value, *arrays[l + 1 :]], words
        other = [*arrays[:l], arrays[l].astype(np.float32), *arrays[l + 1 :]]
        yield other, "expected the same for all"


def wrong_lists(name, entries):
    """Yield what is no list with an entry for each layer and a placeholder."""
    others = [None, 3, "", {1: 2}, iter(entries), {1, 2, 3}, [], entries[:2], np.ones((2, 2))]
    for value in (*others, [*entries, entries[1]]):
        yield value, "entries; expected L + 1 each, L >= 1, with a placeholder at index 0"
    if name in ("W", "b", "Z"):
        yield [np.ones((2, 2)), *entries[1:]], f"{name}[0] holds numbers; expected a placeholder"


def wrong_activations(g):
    """Yield lists that hold something else than activations."""
    for value in (None, np.tanh, "tanh", 3):
        yield [g[0], value, g[2]], f"g[1] is {value!r}; expected an Activation"


NO_NUMBERS = [None, "1", 1j, [1], np.ones(2), np.array(1), object(), True, np.True_]
NO_INTEGERS = [*NO_NUMBERS, -1, 2.5, np.nan, np.inf, 2**63, 10**400, np.float16(0.5)]
NO_NODES = [None, "23", 23, object(), {2, 3}, iter((2, 3)), np.array(3), np.ones((2, 2), int)]
NO_NODES += [(), (3,), (3, 0), (3, -1), (3, 1.5), (3, "2"), ((2, 3), (3, 1)), (2, None), (2, 1j)]
NO_NODES += [(2, np.nan), (2, np.inf), (2, 10**400), (True, True), np.array([2, 0]), range(2)]
NO_LABELS = [None, 3, [0, 1, 0], "010", np.int64(0), np.ma.masked_array(LABELS), LABELS.view(Sub)]
DTYPES = [int, complex, "nonsense", np.float16, np.longdouble, ">f8", "O", 3, bool]
SOURCES = [None, 0, np.random, "seed", np.random.default_rng, np.random.PCG64(0)]

# What is none, and what is to be said about it, for arguments that are not arrays.
NONE_OF_ITS_KIND = {
    "n": (NO_NODES, "two or more positive integers (n^0, ..., n^L)"),
    "steps": (NO_INTEGERS, "an integer of at least 0"),
    "columns_per_block": ([*NO_INTEGERS, 0], "an integer of at least 1"),
    "epochs": (NO_INTEGERS, "an integer of at least 0"),
    "k": (NO_INTEGERS, "an integer of at least 0"),
    "state": ((), "anything"),
    "m": ([*NO_INTEGERS, 0], "an integer of at least 1"),
    "size": ([*NO_INTEGERS, 0], "an integer of at least 1"),
    "classes": ([*NO_INTEGERS, 0], "an integer of at least 1"),
    "rate": ([*NO_NUMBERS, -1, 0, np.nan, np.inf, 10**400], "a finite number above 0"),
    "h": ([*NO_NUMBERS[1:], -1, 0, np.nan, np.inf, 10**400], "a finite number above 0"),
    "scale": ([*NO_NUMBERS, -1, 0, np.nan, np.inf, 10**400], "a finite number above 0"),
    "tolerance": ([*NO_NUMBERS, -1, 0, np.nan, np.inf, 10**400], "a finite number above 0"),
    "epsilon": ([*NO_NUMBERS, -1, 0, np.nan, np.inf, 10**400], "a finite number above 0"),
    "beta": ([*NO_NUMBERS, -1, 1, np.nan, np.inf, 10**400], "a number from 0 to below 1"),
    "beta1": ([*NO_NUMBERS, -1, 1, np.nan, np.inf, 10**400], "a number from 0 to below 1"),
    "beta2": ([*NO_NUMBERS, -1, 1, np.nan, np.inf, 10**400], "a number from 0 to below 1"),
    "shrink": ([*NO_NUMBERS, -1, 1, np.nan, np.inf, 10**400], "a number from 0 to below 1"),
    "slope": ([*NO_NUMBERS, -1, 1, np.nan, np.inf, 10**400], "a number from 0 to below 1"),
    "f": ([None, 3, "f", X], "a function"),
    "rule": ([None, 3, "adam"], "a function"),
    "map_blocks": ([None, 3, "map"], "a function"),
    "callback": (["print", 3, [1]], "a function"),
    "batches": ([3, print], "an iterable of tuples"),
    "dtype": (DTYPES, "float32 or float64"),
    "rng": (SOURCES, "a generator: np.random.default_rng(seed)?"),
    "path": ([None, 3, b"theta.npz", ""], "a path"),
    "directory": ([3, b"mnist"], "a path"),
    "error": ([None, "mse", squared_error.E], "an ErrorFunction"),
    "name": ([None, 3], "a string"),
}
ANY_SHAPE = {"Descent", "check_gradient", "gradient_descent", "numerical_gradient"}


def wrong(door, argument, good):
    """Yield what might come for an argument, and what is to be said about it."""
    if argument == "labels":
        for value in NO_LABELS:
            yield value, f"labels is a {type(value).__name__}; expected an array"
        for value in (LABELS.astype(float), LABELS > 0, LABELS[None], LABELS.astype(object)):
            yield value, f"labels is {value.dtype} {value.shape}; expected integers on one axis"
        yield np.array([0, -1, 0]), "labels run from -1 to 0; expected 0 to 1"
        yield np.array([0, 2, 0]), "labels run from 0 to 2; expected 0 to 1"
    elif isinstance(good, np.ndarray):
        yield from wrong_arrays(argument, good)
        if door not in ANY_SHAPE:
            yield from wrong_shapes(argument, good)
    elif door == "Network" and argument == "g":
        for value in (None, tanh, (tanh,), (tanh,) * 3, (np.tanh, tanh), {tanh, relu}, "ab"):
            yield value, f"g is {value!r}; expected 2 activations, one for each layer"
    elif door in ("Activation", "ErrorFunction") and argument != "name":
        yield from wrong_functions(argument)
    elif argument in ("W", "b", "Z", "A", "g"):
        yield from wrong_lists(argument, good)
        yield from wrong_activations(good) if argument == "g" else wrong_entries(argument, good)
    else:
        values, expected = NONE_OF_ITS_KIND[argument]
        for value in values:
            yield value, f"{argument} is {value!r}; expected {expected}"
    if argument == "rate":
        for value in (None, "1", 1j, np.ones(2), np.array(1.0), True, -1, 0, np.nan, np.inf):
            yield lambda k, value=value: value, f"rate(0) is {value!r}; expected a finite number"
    if argument == "batches":
        for batch in (X, [X], "ab", 3):
            yield [batch], f"batch 0 is {batch!r}; expected a tuple"
        yield [(), ()], "the batches ended after 2 of 3 steps"
    if argument in ("f", "rule") and isinstance(good, types.FunctionType):
        yield from wrong_answers(door, argument)


def softmax_of_columns(Z):
    """Return what mixes the elements of a column."""
    return np.exp(Z) / np.exp(Z).sum(axis=0)


def center_rows(Z):
    """Return what mixes the elements of a row, as batch normalization does."""
    return Z - Z.mean(axis=1, keepdims=True)


NO_MEANS = [
    lambda A, Y: float(np.sum((A - Y) ** 2)) / 2,
    lambda A, Y: float(np.sqrt(np.mean((A - Y) ** 2))),
    lambda A, Y: float(np.max((A - Y) ** 2)),
    lambda A, Y: float(np.median((A - Y) ** 2)),
    lambda A, Y: float(np.sum((A - Y) ** 2)) / A.shape[1] ** 2,
]


def wrong_functions(argument):
    """Yield functions that are no g, no dg, no E and no dA, and what is to be said about them."""
    for value in (None, 3, "tanh", X):
        yield value, f"{argument} is {value!r}; expected a function"
    returned = {"g": "g(Z)", "dg": "dg(Z, A)", "E": "E(A, Y)", "dA": "dA(A, Y)"}[argument]
    if argument == "E":
        for value in (None, "1", 1j, np.ones(3), True):
            yield lambda A, Y, value=value: value, f"E(A, Y) is {value!r}; expected a number"
        for E in NO_MEANS:
            yield E, "at once; expected a mean over the columns"
        yield lambda A, Y: np.sum(np.maximum(A, Y, out=A)), "read-only"
        return
    for value in (None, 1.0, [1.0], np.ones((2, 3)).view(Sub)):
        words = f"{returned} is a {type(value).__name__}; expected a NumPy array"
        yield lambda *_, value=value: value, words
    yield lambda Z, *_: Z[:1], f"{returned} has shape (1, 3); expected (2, 3)"
    yield lambda Z, *_: Z.sum(axis=0), f"{returned} has shape (3,); expected (2, 3)"
    yield lambda Z, *_: Z > 0, f"{returned} has dtype bool; expected float32 or float64"
    yield lambda Z, *_: np.maximum(Z, 0, out=Z), "read-only"
    like = "A" if argument == "dA" else "Z"
    derivative = squared_error.dA if argument == "dA" else lambda Z, *_: Z
    for dtype, other in (("float64", "float32"), ("float32", "float64")):
        words = (
            f"{returned} is {dtype} for {like} of {other}; expected the same dtype: .astype({like}"
        )
        yield lambda *arrays, dtype=dtype: derivative(*arrays).astype(dtype), words
    if argument == "g":
        for mixing in (softmax_of_columns, center_rows, lambda Z: Z[::-1], lambda Z: Z - Z.mean()):
            yield mixing, "g(Z) mixes the elements of Z; expected each to have its own g"
    if argument == "dg":
        yield lambda Z, A: np.multiply(Z, A, out=A), "read-only"
    if argument == "dA":
        yield lambda A, Y: np.subtract(A, Y, out=Y), "read-only"
        for dA in (lambda A, Y: A - Y, lambda A, Y: (A - Y) / A.size**2):
            yield dA, "at once; expected a mean over the columns"


def wrong_answers(door, argument):
    """Yield functions that return what f and a rule must not, and what is to be said about it."""
    if door == "numerical_gradient":
        for value in (None, (1.0, X), np.ones(1), np.array(1.0), 1j, "1", True):
            yield lambda x, value=value: value, f"f(x) is {value!r}; expected a number: f(x)[0]?"
        return
    arrays = [None, 1.0, X.tolist(), np.ma.masked_array(X), X.view(Sub)]
    if argument == "f":
        for value in (None, 1.0, X, [1.0, X], (1.0,), (1.0, X, X)):
            yield lambda x, value=value: value, f"f(x) is {value!r}; expected (value, gradient)"
        for value in (None, "1", 1j, X, np.array(1.0), True):
            yield lambda x, value=value: (value, x), f"the value is {value!r}; expected a number"
    name = {"f": "the gradient", "rule": "the x of the rule"}[argument]
    for value in arrays:
        words = f"{name} is a {type(value).__name__}; expected a NumPy array"
        yield answer(argument, lambda x, value=value: value), words
    yield answer(argument, lambda x: x[0]), f"{name} has shape (3,); expected (2, 3)"
    yield answer(argument, lambda x: x.T), f"{name} has shape (3, 2); expected (2, 3)"
    yield answer(argument, lambda x: x.astype(int)), f"{name} has dtype int64; expected"
    yield answer(argument, lambda x: x.astype(np.float32)), f"{name} float32; expected the same"


def answer(argument, made_of_x):
    """Return an f or a rule whose array is made of x."""
    if argument == "f":
        return lambda x: (1.0, made_of_x(x))
    return lambda f, x, *_: (made_of_x(x), None)


@pytest.mark.parametrize(
    ("door", "argument"), [(door, argument) for door in DOORS for argument in DOORS[door]]
)
def test_what_is_not_as_documented_is_refused_in_words(door, argument):
    arguments = DOORS[door]
    for value, words in wrong(door, argument, arguments[argument]):
        with pytest.raises(ValueError, match=re.escape(words)):
            call(door, {**arguments, argument: value})


def test_every_public_name_and_argument_has_an_entry():
    assert {door.partition(".")[0] for door in DOORS} | set(NO_DOORS) == set(nnlib.__all__)
    methods = [name for name, method in vars(Network).items() if inspect.isfunction(method)]
    public = {name for name in methods if not name.startswith("_")} | {"__call__"}
    assert {door.partition(".")[2] for door in DOORS} - {""} == public
    for door, arguments in DOORS.items():
        owner = Network if door.startswith("Network.") else nnlib
        thing = getattr(owner, door.rpartition(".")[2])
        assert set(arguments) == set(inspect.signature(thing).parameters) - {"self"}


@pytest.mark.parametrize("door", sorted(set(DOORS) - {"Network.load", "load_mnist"}))
def test_what_is_as_documented_is_taken(door, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call(door, DOORS[door])


@pytest.mark.parametrize("door", sorted(set(filter(arrays_of, DOORS)) - {"minibatches"}))
def test_dtypes_are_never_mixed(door):
    for argument, x in arrays_of(door).items():
        with pytest.raises(ValueError, match="expected the same for all"):
            call(door, {**DOORS[door], argument: x.astype(np.float32)})


NOT_FINITE = pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])


def with_one(x, bad):
    """Return a copy of x whose last element is bad."""
    copy = x.copy()
    copy.flat[-1] = bad
    return copy


@NOT_FINITE
@pytest.mark.parametrize("door", ["line", "line_through_origin", "linear_regression"])
def test_closed_forms_refuse_data_that_are_not_finite(door, bad):
    for argument, x in DOORS[door].items():
        words = f"{argument} has NaN or infinity; expected finite numbers"
        with pytest.raises(ValueError, match=words):
            call(door, {**DOORS[door], argument: with_one(x, bad)})


@NOT_FINITE
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_training_refuses_data_and_parameters_that_are_not_finite(bad):
    for argument, x in PAIRS.items():
        pairs = {**PAIRS, argument: with_one(x, bad)}
        f = NETWORK.objective(pairs["X"], pairs["Y"])
        words = r"at step 0; NaN or infinity in x or the data\?"
        with pytest.raises(FloatingPointError, match=words):
            nnlib.gradient_descent(f, pairs["theta"], 0.1, 10)


@NOT_FINITE
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_differences_are_not_taken_where_x_is_not_finite(bad):
    for door in ("numerical_gradient", "check_gradient"):
        with pytest.raises(ValueError, match=rf"x\[i\] is .*{bad}.*; expected a number that"):
            call(door, {**DOORS[door], "x": with_one(X, bad)})


def test_a_step_that_is_lost_in_x_is_refused():
    with pytest.raises(ValueError, match=r"x\[i\] is .*1e\+20.* that a step of 1.0 changes"):
        nnlib.numerical_gradient(np.sum, np.array([1e20]), h=1.0)


def test_accuracy_refuses_nan_but_no_infinity():
    outputs = np.array([[-np.inf, 1.0, np.inf], [0.0, np.inf, -np.inf]])
    assert nnlib.accuracy(outputs, np.array([1, 1, 0])) == 1
    with pytest.raises(ValueError, match="A has NaN; expected numbers, of which one is largest"):
        nnlib.accuracy(with_one(outputs, np.nan), LABELS)


@NOT_FINITE
def test_parameters_that_are_not_finite_are_neither_saved_nor_loaded(bad, tmp_path):
    path = tmp_path / "theta.npz"
    NETWORK.save(path, THETA)
    words = "theta has NaN or infinity; expected finite numbers"
    with pytest.raises(ValueError, match=words):
        NETWORK.save(path, with_one(THETA, bad))
    assert np.array_equal(NETWORK.load(path), THETA)
    np.savez(path, theta=with_one(THETA, bad), **NETWORK._description())
    with pytest.raises(ValueError, match=words):
        NETWORK.load(path)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nnlib.random_normal((10**9, 10**9), RNG, scale=1.0),
        lambda: nnlib.he_normal((2**62, 2**62), RNG),
        lambda: nnlib.one_hot(LABELS, classes=2**62),
    ],
)
def test_what_no_memory_holds_is_refused_before_anything_is_written(make):
    with pytest.raises((MemoryError, ValueError), match=r"Unable to allocate|too big|Maximum"):
        make()


@pytest.mark.parametrize(
    ("door", "name"), [("check_gradient", "x"), ("gradient_descent", "the gradient")]
)
def test_a_point_without_elements_is_refused(door, name):
    words = rf"^{name} has shape \(2, 0\); expected at least one element"
    with pytest.raises(ValueError, match=words):
        call(door, {**DOORS[door], "x": X[:, :0]})


@pytest.mark.parametrize("number", [np.float32(0.5), np.float16(0.5), Fraction(1, 2)])
def test_every_real_number_is_taken(number):
    assert np.array_equal(
        nnlib.gradient_descent(parabola, X, number, 3), nnlib.gradient_descent(parabola, X, 0.5, 3)
    )


@pytest.mark.parametrize("two", [2.0, np.int8(2), np.uint64(2), np.float16(2), np.longdouble(2)])
def test_every_whole_number_is_a_count(two):
    assert nnlib.count_parameters((two, 3, 1)) == NETWORK.p
    assert nnlib.count_parameters(np.array([two, 3, 1])) == NETWORK.p
    assert nnlib.one_hot(LABELS, classes=two).shape == (2, 3)
    assert np.array_equal(
        nnlib.gradient_descent(parabola, X, 0.1, two), nnlib.gradient_descent(parabola, X, 0.1, 2)
    )


def test_scalars_and_memory_maps_are_arrays(tmp_path):
    for scalar in (np.float32, np.float64):
        x = nnlib.gradient_descent(lambda x: (x**2, 2 * x), scalar(1), 0.25, 2)
        assert x == 0.25
        assert x.dtype == scalar
    assert nnlib.numerical_gradient(lambda x: float(x**2), np.float64(1)) == pytest.approx(2)
    mapped = np.memmap(tmp_path / "X", np.float64, "w+", shape=X.shape)
    mapped[:] = X
    assert np.array_equal(NETWORK(THETA, mapped), NETWORK(THETA, X))
