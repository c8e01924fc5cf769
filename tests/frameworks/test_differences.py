"""What the page "The same network elsewhere" says of the frameworks' ways."""

import inspect
from types import SimpleNamespace

import numpy as np
import pytest

import agreement
import nnlib

X = np.array([[1.0, 1.0, 2.0], [0.0, 2.0, -1.0]])
Y = np.array([[4.0, 1.0, 1.0], [0.5, -1.0, 3.0], [2.0, 2.0, -2.0]])
ZERO = np.zeros((1, 1))

NEEDED = "needs the frameworks: make test-frameworks"


def defaults(function) -> dict[str, object]:
    """Return the default values of a function's arguments."""
    parameters = inspect.signature(function).parameters.items()
    return {name: parameter.default for name, parameter in parameters}


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason=NEEDED)


@pytest.fixture
def keras():
    pytest.importorskip("tensorflow", reason=NEEDED)
    return pytest.importorskip("keras", reason=NEEDED)


@pytest.fixture
def jax():
    return pytest.importorskip("jax", reason=NEEDED)


@pytest.fixture
def sklearn():
    return pytest.importorskip("sklearn.neural_network", reason=NEEDED)


def small(sklearn, **options):
    """Return a regressor of scikit-learn after a step, with X and Y."""
    model = sklearn.MLPRegressor(
        hidden_layer_sizes=(5,), solver="sgd", random_state=0, **options
    )
    return model.partial_fit(X.T, Y.T)


# Names


def test_names_of_pytorch(torch):
    assert {"in_features", "out_features"} <= set(defaults(torch.nn.Linear))
    layer = torch.nn.Linear(3, 5)
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    assert "lr" in defaults(torch.optim.SGD)


def test_names_of_keras(keras):
    assert "units" in defaults(keras.layers.Dense)
    layer = keras.layers.Dense(5)
    layer.build((None, 3))
    assert [v.name for v in layer.weights] == ["kernel", "bias"]
    assert "learning_rate" in defaults(keras.optimizers.SGD)


def test_an_epoch_of_keras_has_batches_of_32_by_default(keras):
    fit = defaults(keras.Model.fit)
    assert (fit["epochs"], fit["shuffle"]) == (1, True)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    model.fit(np.zeros((65, 1)), np.zeros((65, 1)), verbose=0)
    assert int(model.optimizer.iterations) == 3


def test_names_of_scikit_learn(sklearn):
    names = defaults(sklearn.MLPRegressor)
    assert {"hidden_layer_sizes", "learning_rate_init"} <= set(names)
    assert "max_iter" in names
    model = small(sklearn)
    for name in ("coefs_", "intercepts_", "loss_", "n_iter_"):
        assert hasattr(model, name)


# Rows and columns, and the orientation of weights


def test_orientation_of_weights(torch, keras, sklearn):
    assert torch.nn.Linear(3, 5).weight.shape == (5, 3)
    assert torch.nn.Linear(3, 5).bias.shape == (5,)
    layer = keras.layers.Dense(5)
    layer.build((None, 3))
    assert [tuple(v.shape) for v in layer.weights] == [(3, 5), (5,)]
    model = small(sklearn)
    assert [c.shape for c in model.coefs_] == [(2, 5), (5, 3)]
    assert [b.shape for b in model.intercepts_] == [(5,), (3,)]


def test_order_of_pytorch_s_parameters_is_that_of_pack(torch):
    theta = np.arange(26.0)
    W, b = nnlib.unpack(theta, (3, 4, 2))
    model = agreement.script("PyTorch").build(W, b, ["identity"] * 3)
    vector = torch.nn.utils.parameters_to_vector(model.parameters())
    np.testing.assert_array_equal(vector.detach().numpy(), theta)


# Errors: who takes means over what, and the 1/2


@pytest.fixture
def A():
    return np.random.default_rng(0).standard_normal(Y.shape)


def test_squared_errors_are_means_over_all_elements(torch, keras, A):
    E, n = nnlib.squared_error(A, Y), len(Y)
    mse = torch.nn.functional.mse_loss(torch.tensor(A.T), torch.tensor(Y.T))
    assert mse.item() == pytest.approx(2 / n * E)
    mse = keras.losses.MeanSquaredError(dtype="float64")
    assert float(mse(Y.T, A.T)) == pytest.approx(2 / n * E)


def test_loss_of_scikit_learn_is_divided_and_its_gradient_is_not(sklearn):
    n, options = len(Y), {"alpha": 0, "momentum": 0, "learning_rate_init": 1}
    model = small(sklearn, activation="tanh", batch_size=3, **options)
    network = nnlib.Network((2, 5, 3), (nnlib.tanh, nnlib.identity))
    theta = agreement.script("scikit-learn").packed(model)
    E, gradient = network.value_and_gradient(theta, X, Y)
    model.partial_fit(X.T, Y.T)
    step = theta - agreement.script("scikit-learn").packed(model)
    assert model.loss_ == pytest.approx(E / n)
    np.testing.assert_allclose(step, gradient, rtol=1e-10, atol=1e-12)


def test_weight_decay_of_scikit_learn_spares_biases_and_is_divided_by_m(
    sklearn,
):
    options = {"alpha": 0.6, "momentum": 0, "learning_rate_init": 1}
    model = small(sklearn, activation="tanh", batch_size=3, **options)
    network = nnlib.Network((2, 5, 3), (nnlib.tanh, nnlib.identity))
    theta = agreement.script("scikit-learn").packed(model)
    _, gradient = network.value_and_gradient(theta, X, Y)
    W, b = nnlib.unpack(theta, network.n)
    decay = nnlib.pack(W, [0 * b_l for b_l in b])
    model.partial_fit(X.T, Y.T)
    step = theta - agreement.script("scikit-learn").packed(model)
    expected = gradient + 0.6 / 3 * decay
    np.testing.assert_allclose(step, expected, rtol=1e-10, atol=1e-12)


def test_cross_entropies_take_logits_and_means_over_inputs(torch, keras, A):
    targets = nnlib.softmax(Y)
    E = nnlib.softmax_cross_entropy(A, targets)
    function = torch.nn.functional.cross_entropy
    found = function(torch.tensor(A.T), torch.tensor(targets.T))
    assert found.item() == pytest.approx(E)
    assert not defaults(keras.losses.CategoricalCrossentropy)["from_logits"]
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, dtype="float64"
    )
    assert float(loss(targets.T, A.T)) == pytest.approx(E)


# dtypes


def test_float32_is_the_default_but_in_scikit_learn(torch, keras, jax, sklearn):
    assert torch.nn.Linear(1, 1).weight.dtype == torch.float32
    assert keras.config.floatx() == "float32"
    assert jax.numpy.asarray(X).dtype == np.float32
    assert small(sklearn).coefs_[0].dtype == np.float64
    model = sklearn.MLPRegressor(hidden_layer_sizes=(5,))
    model.partial_fit(X.T.astype(np.float32), Y.T)
    assert model.coefs_[0].dtype == np.float32


def test_a_rate_of_keras_is_rounded_to_float32(keras):
    optimizer = keras.optimizers.SGD(0.1)
    assert float(optimizer.learning_rate) == float(np.float32(0.1)) != 0.1


@pytest.mark.parametrize(
    ("name", "options"),
    [("leaky_relu", {"negative_slope": 0.01}), ("gelu", {"approximate": True})],
)
def test_constants_of_tensorflow_are_rounded_to_float32(keras, name, options):
    Z = -np.linspace(0.1, 3, 30).reshape(1, -1)
    function = getattr(keras.activations, name)
    found = np.asarray(function(keras.ops.convert_to_tensor(Z), **options))
    assert found.dtype == np.float64
    difference = agreement.relative(found, getattr(nnlib, name)(Z))
    assert 1e-9 < difference < 1e-6


def test_scripts_leave_the_settings_of_their_frameworks_alone(
    torch, keras, jax
):
    case = agreement.Example((2, 2, 1), ("sigmoid", "identity"), m=3)
    for name in agreement.FRAMEWORKS:
        agreement.script(name).run(*case.arguments())
    assert torch.get_default_dtype() == torch.float32
    assert keras.config.floatx() == "float32"
    assert not jax.config.jax_enable_x64


# Activation functions


def test_slopes_of_leaky_relus_differ(torch, keras, jax):
    z = -1.0
    assert torch.nn.LeakyReLU().negative_slope == 0.01
    assert float(jax.nn.leaky_relu(z)) == pytest.approx(-0.01)
    assert float(keras.activations.leaky_relu(z)) == pytest.approx(-0.2)
    assert keras.layers.LeakyReLU().negative_slope == pytest.approx(0.3)


def test_forms_of_gelu_differ(torch, keras, jax):
    assert torch.nn.GELU().approximate == "none"
    assert defaults(keras.activations.gelu)["approximate"] is False
    assert defaults(jax.nn.gelu)["approximate"] is True


def test_softplus_of_pytorch_is_the_identity_from_20_on(torch):
    Z = torch.tensor([19.999, 20.001], dtype=torch.float64)
    exact = nnlib.softplus(Z.numpy())
    found = torch.nn.Softplus()(Z).numpy()
    assert found[0] == pytest.approx(exact[0], rel=1e-15)
    assert found[1] == 20.001 < exact[1]
    assert (exact[1] - 20.001) / 20.001 == pytest.approx(1e-10, rel=0.1)


def slopes_at_0(name: str) -> SimpleNamespace:
    """Return what the frameworks hold for g'(0), by the gradient of a bias."""
    arguments = (
        [None, ZERO + 1],
        [None, ZERO],
        ["identity", name],
        "squared_error",
        ZERO,
        ZERO - 1,
        1.0,
        0,
    )
    frameworks = ("nnlib", "PyTorch", "Keras", "JAX")
    found = {n: agreement.script(n).run(*arguments)[2] for n in frameworks}
    return SimpleNamespace(**{n: float(d[1]) for n, d in found.items()})


def test_slopes_at_0_are_a_choice(torch, keras, jax):
    assert set(vars(slopes_at_0("relu")).values()) == {0}
    at_0 = slopes_at_0("leaky_relu")
    assert at_0.nnlib == at_0.PyTorch == at_0.Keras == 0.01
    assert at_0.JAX == 1


# Initialization and descent


def test_first_weights_of_pytorch(torch):
    layer = torch.nn.Linear(100, 500)
    for parameter in layer.parameters():
        largest = parameter.detach().abs().max().item()
        assert 0.9 / 10 < largest <= 1 / 10  # 1 / sqrt(n_in), biases too


def test_first_weights_of_keras(keras):
    layer = keras.layers.Dense(500)
    layer.build((None, 100))
    kernel, bias = layer.get_weights()
    bound = np.sqrt(6 / 600)
    assert 0.9 * bound < np.abs(kernel).max() <= bound
    assert not bias.any()


@pytest.mark.parametrize(("activation", "six"), [("tanh", 6), ("logistic", 2)])
def test_first_weights_of_scikit_learn(sklearn, activation, six):
    model = sklearn.MLPRegressor(
        hidden_layer_sizes=(500,),
        activation=activation,
        solver="sgd",
        learning_rate_init=1e-9,
    )
    model.partial_fit(np.zeros((1, 100)), [0.0])
    bound = np.sqrt(six / 600)
    for array in (model.coefs_[0], model.intercepts_[0]):
        assert 0.9 * bound < np.abs(array).max() <= bound * 1.000001


def test_what_descends_by_default(torch, keras, sklearn):
    names = defaults(sklearn.MLPRegressor)
    assert names["solver"] == "adam"
    assert (names["alpha"], names["momentum"]) == (0.0001, 0.9)
    assert (names["batch_size"], names["max_iter"]) == ("auto", 200)
    assert names["learning_rate_init"] == 0.001
    sgd = defaults(torch.optim.SGD)
    assert (sgd["lr"], sgd["momentum"], sgd["weight_decay"]) == (0.001, 0, 0)
    sgd = defaults(keras.optimizers.SGD)
    assert (sgd["learning_rate"], sgd["momentum"]) == (0.01, 0.0)
    assert defaults(keras.Model.compile)["optimizer"] == "rmsprop"


def test_gradients_of_pytorch_add_up(torch):
    x = torch.tensor(3.0, requires_grad=True)
    for k in (1, 2):
        (x**2).backward()
        assert x.grad == 6 * k


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_weight_decay_of_pytorch(torch, name):
    """It goes into the gradient, or in AdamW into the step."""
    theta, slope, rate, decay = np.array([3.0, -0.5]), np.ones(2), 0.1, 0.7
    parameter = torch.nn.Parameter(torch.tensor(theta))
    rule = getattr(torch.optim, name)
    optimizer = rule([parameter], lr=rate, weight_decay=decay)
    rules = {"SGD": nnlib.constant_step, "Adam": nnlib.adam()}
    rules["AdamW"] = rules["Adam"]
    in_step = name == "AdamW"

    def f(x):
        return 0.0, slope + (0 if in_step else decay * x)

    def step(f, x, *arguments):
        x_next, state = rules[name](f, x, *arguments)
        return x_next - (rate * decay * x if in_step else 0), state

    for _ in range(3):
        parameter.grad = torch.tensor(slope)
        optimizer.step()
    expected = nnlib.gradient_descent(f, theta, rate, 3, rule=step)
    np.testing.assert_allclose(parameter.detach().numpy(), expected, rtol=1e-7)
    default = defaults(rule)["weight_decay"]
    assert default == (0.01 if name == "AdamW" else 0)
