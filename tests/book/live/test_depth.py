"""What depth does, live in chapter 8: sizes and histograms against nnlib's, and its use."""

import numpy as np
import pytest

import nnlib
from nnlib import forward

CASES = [
    ("sigmoid", 20, 1.0, 1),
    ("relu", 30, 2.0, 2),
    ("tanh", 12, 4.0, 3),
    ("gelu", 7, 0.5, 1),
    ("leaky_relu", 2, 2.0, 1),
    ("softplus", 5, 1.0, 7),
    ("identity", 60, 1.0, 1),
]


@pytest.fixture
def network(open_figures):
    """Open the figure, and return the page and what its generator draws for a seed."""

    def opened(seed: int, **options):
        page = open_figures("depth", **options)
        drawn = page.evaluate(
            """seed => {
                const { X, dA, weights } = depth.drawn(seed);
                return [X, dA, ...weights].map((u) => Array.from(u));
            }""",
            seed,
        )
        X, dA, *weights = map(np.array, drawn)
        return page, X.reshape(50, 20), dA.reshape(50, 20), [w.reshape(50, 50) for w in weights]

    return opened


def sizes_of_nnlib(name, layers, omega, X, dA, weights):
    """Return Z and dZ of all layers, with the slopes of nnlib."""
    g = getattr(nnlib, name)
    W = [None, *(np.sqrt(omega / 50) * w for w in weights[:layers])]
    Z, A = forward(W, [None] + [np.zeros((50, 1))] * layers, [g] * (layers + 1), X)
    dZ = [None] * (layers + 1)
    for l in range(layers, 0, -1):
        dZ[l] = dA * g.dg(Z[l], A[l])
        dA = W[l].T @ dZ[l]
    return Z, dZ


@pytest.mark.parametrize(("name", "layers", "omega", "seed"), CASES)
def test_weighted_sums_and_blame_are_those_of_nnlib(network, name, layers, omega, seed):
    page, X, dA, weights = network(seed)
    shown = page.evaluate(
        """([name, layers, omega, seed]) => {
            const { Z, sums, blame } = depth.passes(depth.drawn(seed), name, layers, omega);
            return { sums, blame, counts: Z.slice(1).map(depth.histogram) };
        }""",
        [name, layers, omega, seed],
    )
    Z, dZ = sizes_of_nnlib(name, layers, omega, X, dA, weights)
    for l in range(1, layers + 1):
        assert shown["sums"][l] == pytest.approx(np.sqrt(np.mean(Z[l] ** 2)), rel=1e-9)
        assert shown["blame"][l] == pytest.approx(np.sqrt(np.mean(dZ[l] ** 2)), rel=1e-9)
        rows = np.clip(np.floor((Z[l] + 4) / 8 * 33), 0, 32).astype(int)
        counts = np.bincount(rows.ravel(), minlength=33)
        assert np.abs(counts - shown["counts"][l - 1]).sum() <= 2, "a sum at the edge of two rows"


def test_weights_are_standard_normal_and_the_same_each_time(network):
    _, X, dA, weights = network(1)
    numbers = np.array(weights)
    assert numbers.mean() == pytest.approx(0, abs=0.01)
    assert numbers.std() == pytest.approx(1, abs=0.01)
    assert np.mean(np.abs(numbers) > 1.96) == pytest.approx(0.05, abs=0.005)
    again = network(1)
    np.testing.assert_array_equal(numbers, again[3])
    assert not np.allclose(numbers[0], network(2)[3][0])
    assert abs(np.corrcoef(X.ravel(), dA.ravel())[0, 1]) < 0.1


def left(page) -> float:
    return page.evaluate(
        """() => {
            const { g, layers, omega, seed } = depth.state;
            const { blame } = depth.passes(depth.drawn(seed), g, layers, omega);
            return blame[1] / blame[layers];
        }"""
    )


def test_what_chapter_8_says_can_be_seen(open_figures, go_to):
    page = open_figures("depth")
    status = page.locator("#depth-status")
    assert "The blame vanishes" in status.inner_text()
    twenty = left(page)
    assert 1e-13 < twenty < 1e-11
    go_to(page, "#layers=40")
    assert np.log(left(page)) / np.log(twenty) == pytest.approx(2.05, abs=0.15)
    go_to(page, "#omega=64")
    assert "The blame gets through" in status.inner_text(), "a scale at which sigmoids pass it"
    go_to(page, "#g=relu&omega=2")
    assert "The blame gets through" in status.inner_text()
    go_to(page, "#g=tanh&omega=4&layers=60")
    assert "The blame explodes" in status.inner_text()
    go_to(page, "#g=tanh&omega=1")
    assert 0.05 < left(page) < 0.5


def test_controls_work_by_mouse_and_keyboard(open_figures, set_slider):
    page = open_figures("depth")
    page.locator("#depth-layers").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("depth.state.layers") == 21
    assert page.locator("#depth-blame .depth-dot").count() == 21
    set_slider(page, "depth-omega", 4)
    assert page.evaluate("depth.state.omega") == 2
    assert page.locator("#depth-omega-value").inner_text() == "2.00"
    page.get_by_label("ReLU", exact=True).check()
    before = page.locator("#depth-left").inner_text()
    page.locator("#depth-again").click()
    assert page.locator("#depth-left").inner_text() != before
    assert page.evaluate("depth.state") == {"g": "relu", "layers": 21, "omega": 2, "seed": 2}
    status = page.locator("#depth-status").inner_text()
    assert status.startswith("ReLU, 21 layers, ω = 2.00. The blame gets through: at layer 1")


def test_numbers_say_what_is_drawn(open_figures):
    page = open_figures("depth")
    shown = page.locator("#depth-left").inner_text()
    assert float(shown.split(" ")[0]) == pytest.approx(left(page) * 1e12, rel=0.05)
    assert shown.endswith("· 10⁻¹²")
    factor = float(page.locator("#depth-factor").inner_text().removeprefix("× "))
    assert factor == pytest.approx(left(page) ** (1 / 19), abs=0.005)
    columns = page.locator("#depth-sums .depth-cell").evaluate_all(
        "all => new Set(all.map(e => e.getAttribute('x'))).size"
    )
    assert columns == 20
