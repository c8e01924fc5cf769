"""Chapter 11's best network in PyTorch takes the steps of nnlib."""

from pathlib import Path

import numpy as np
import pytest

import nnlib

ROOT = Path(__file__).parents[2]
MNIST = ROOT / "notebooks" / "data" / "mnist"
NETWORK = nnlib.Network(
    (784, 300, 10),
    (nnlib.relu, nnlib.identity),
    nnlib.softmax_cross_entropy,
)
STEPS = 12


@pytest.fixture(scope="module")
def torch():
    reason = "needs the frameworks: make test-frameworks"
    return pytest.importorskip("torch", reason=reason)


@pytest.fixture(scope="module")
def port(torch):
    """The script as a module."""
    from examples import digits_in_pytorch

    return digits_in_pytorch


@pytest.fixture(scope="module")
def mnist():
    return nnlib.load_mnist(MNIST)


def test_the_files_are_read_as_nnlib_reads_them(port, mnist):
    for part, X, labels in [
        ("train", mnist.X_train, mnist.labels_train),
        ("t10k", mnist.X_test, mnist.labels_test),
    ]:
        images, digits = port.load(MNIST, part)
        np.testing.assert_allclose(images.numpy().T, X, atol=1e-7)
        np.testing.assert_array_equal(digits.numpy(), labels)


def test_first_weights_are_those_of_he(port, torch):
    torch.manual_seed(0)
    model = port.build()
    for layer, n_in in [(model[0], 784), (model[2], 300)]:
        deviation = layer.weight.std().item()
        assert deviation == pytest.approx(np.sqrt(2 / n_in), rel=0.05)
        assert not layer.bias.any()


def test_steps_are_those_of_nnlib(port, torch, mnist):
    """From the same first weights, with the same batches, in float64."""
    rng = np.random.default_rng(0)
    theta = nnlib.he_normal(NETWORK.n, rng)
    rows = [rng.permutation(1000)[: port.SIZE] for _ in range(STEPS)]

    model = port.build().double()
    W, b = NETWORK.unpack(theta)
    with torch.no_grad():
        for layer, W_l, b_l in zip(
            (model[0], model[2]), W[1:], b[1:], strict=True
        ):
            layer.weight.copy_(torch.tensor(W_l))
            layer.bias.copy_(torch.tensor(b_l.ravel()))
    X = torch.tensor(mnist.X_train[:, :1000].T.copy())
    labels = torch.tensor(mnist.labels_train[:1000])
    port.train(model, X, labels, map(torch.tensor, rows), STEPS)
    theirs = torch.nn.utils.parameters_to_vector(model.parameters())

    Y = nnlib.one_hot(mnist.labels_train[:1000])
    Y = (1 - port.SMOOTHING) * Y + port.SMOOTHING / 10
    ours = nnlib.gradient_descent(
        NETWORK.value_and_gradient,
        theta,
        lambda k: port.RATE * (1 + np.cos(np.pi * k / STEPS)) / 2,
        STEPS,
        rule=nnlib.adam(),
        batches=((mnist.X_train[:, c], Y[:, c]) for c in rows),
    )
    difference = np.linalg.norm(theirs.detach().numpy() - ours)
    assert difference < 1e-9 * np.linalg.norm(ours - theta)


def test_two_epochs_read_most_of_the_test_images(port, torch):
    torch.manual_seed(0)
    X, labels = port.load(MNIST, "train")
    model, steps = port.build(), 2 * -(-len(X) // port.SIZE)
    batches = list(port.shuffled(len(X), 2))
    assert len(batches) == steps
    for epoch in (batches[: steps // 2], batches[steps // 2 :]):
        seen = torch.cat(list(epoch)).sort().values
        assert torch.equal(seen, torch.arange(len(X)))
    port.train(model, X, labels, batches, steps)
    assert port.accuracy(model, *port.load(MNIST, "t10k")) > 0.97
