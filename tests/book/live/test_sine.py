"""A curve that is learned in the page, chapter 9: against nnlib, and every way to work it."""

import re

import numpy as np
import pytest

from nnlib import Network, gradient_descent, identity, random_normal, relu, sigmoid, tanh

FUNCTIONS = {"sigmoid": sigmoid, "relu": relu, "tanh": tanh}
X = np.arange(-50, 50).reshape(1, -1) / 10
CURVES = {
    "sine": np.sin(X),
    "steps": np.where(X < -2, -1.0, np.where(X < 2, 1.0, 0.0)),
    "tent": 1 - np.abs(X) / 2.5,
    "chirp": np.sin(0.15 * (X + 5) ** 2),
}


def read(text: str) -> float:
    """Return a number as the page writes it, perhaps with a power of ten."""
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(text.replace("−", "-").replace(" · 10", "e").translate(raised))


def shown(page, name: str) -> float:
    return read(page.locator(f"#sine-{name}").inner_text())


def train_with_nnlib(state, k: int, Y):
    """Return the network, and theta after k steps from the start that the page shows."""
    network = Network((1, state["width"], 1), (FUNCTIONS[state["g"]], identity))
    start = random_normal(network.n, np.random.RandomState(state["seed"]), scale=0.2)
    return network, gradient_descent(network.objective(X, Y), start, state["rate"], k)


def compare_with_nnlib(page) -> float:
    """Hold everything that is shown against nnlib, and return E."""
    state = page.evaluate("sine.state")
    Y = np.array([page.evaluate("sine.targets()")], dtype=float)
    k = page.evaluate("sine.run().k")
    network, theta = train_with_nnlib(state, k, Y)
    np.testing.assert_allclose(
        page.evaluate("Array.from(sine.run().theta)"), theta, rtol=1e-8, atol=1e-10
    )
    E, gradient = network.value_and_gradient(theta, X, Y)
    deviation = np.abs(network(theta, X) - Y).max()
    assert shown(page, "k") == k
    for name, value in [
        ("E", E),
        ("root", np.sqrt(2 * E)),
        ("gradient", np.linalg.norm(gradient)),
        ("deviation", deviation),
    ]:
        assert shown(page, name) == pytest.approx(value, rel=6e-4), name
    return E


@pytest.mark.parametrize("seed", [0, 1, 2, 123, 9999])
def test_starts_are_those_of_numpy(open_figures, seed):
    page = open_figures("sine")
    theta = page.evaluate(f"Array.from(sine.start({{ width: 20, seed: {seed} }}))")
    expected = random_normal((1, 20, 1), np.random.RandomState(seed), scale=0.2)
    np.testing.assert_allclose(theta, expected, rtol=1e-14)


def test_numbers_are_those_of_nnlib(open_figures, go_to):
    page = open_figures("sine")
    assert compare_with_nnlib(page) == pytest.approx(0.698, abs=5e-4)
    for address in (
        "#k=100",
        "#k=1000",
        "#k=300&g=tanh&width=7&curve=tent&seed=5",
        "#k=200&g=relu&width=33&curve=chirp&rate=0.03",
        "#k=50&curve=steps&width=1&rate=0.3",
        "#k=77&curve=drawn&y=0,0,0,0,1,1,1,1,-1,-1,0.5",
    ):
        go_to(page, address)
        compare_with_nnlib(page)


def test_curves_and_yardsticks_are_what_they_are_called(open_figures, go_to):
    page = open_figures("sine")
    for name, Y in CURVES.items():
        go_to(page, f"#curve={name}")
        np.testing.assert_allclose([page.evaluate("sine.targets()")], Y, atol=1e-12)
        levels = page.evaluate("sine.run().yardsticks")
        for degree, key in enumerate(("constant", "line")):
            fit = np.polyval(np.polyfit(X[0], Y[0], degree), X)
            assert levels[key] == pytest.approx(np.mean((fit - Y) ** 2) / 2, rel=1e-9)


def test_the_run_of_the_chapter_happens_in_the_page(open_figures):
    page = open_figures("sine", address="#k=20000")
    assert shown(page, "E") == pytest.approx(0.004802, abs=6e-7)
    assert page.locator("#sine-train").is_disabled()


def test_training_starts_pauses_and_starts_again(open_figures):
    page = open_figures("sine")
    button = page.locator("#sine-train")
    button.click()
    assert button.inner_text() == "Pause"
    page.wait_for_function("sine.run().k > 30")
    button.click()
    assert button.inner_text() == "Go on"
    k = page.evaluate("sine.run().k")
    page.wait_for_timeout(300)
    assert page.evaluate("sine.run().k") == k
    compare_with_nnlib(page)
    page.wait_for_function(f"location.hash === '#k={k}'")
    page.locator("#sine-one").click()
    assert shown(page, "k") == k + 1
    compare_with_nnlib(page)
    page.locator("#sine-again").click()
    assert shown(page, "k") == 0
    compare_with_nnlib(page)


def test_a_rate_that_is_too_large_ends_with_words(open_figures):
    page = open_figures("sine", address="#rate=100&k=100")
    said = page.locator("#sine-status").inner_text()
    k = int(re.search(r"no longer finite at step (\d+)", said)[1])
    network, state = Network((1, 20, 1), (sigmoid, identity)), page.evaluate("sine.state")
    start = random_normal(network.n, np.random.RandomState(0), scale=0.2)
    with (
        np.errstate(over="ignore"),
        pytest.raises(FloatingPointError, match=f"at step {k};"),
    ):
        gradient_descent(network.objective(X, CURVES["sine"]), start, state["rate"], 100)
    assert page.locator("#sine-train").is_disabled()
    page.locator("#sine-again").click()
    assert not page.locator("#sine-train").is_disabled()


def test_controls_set_what_is_trained(open_figures, set_slider):
    page = open_figures("sine", address="#k=10")
    set_slider(page, "sine-width", 7)
    assert shown(page, "k") == 0
    set_slider(page, "sine-rate", 2)
    page.get_by_label("tanh").check()
    page.locator("#sine-seed").fill("12")
    page.locator("#sine-curve").select_option("chirp")
    state = page.evaluate("sine.state")
    wanted = {"width": 7, "rate": 0.03, "g": "tanh", "seed": 12, "curve": "chirp"}
    assert {key: state[key] for key in wanted} == wanted
    page.locator("#sine-one").click()
    compare_with_nnlib(page)


def test_a_curve_is_drawn_by_the_pointer(open_figures):
    page = open_figures("sine")
    plot = page.locator("#sine-plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()

    def place(x: float, y: float) -> tuple[float, float]:
        across, down = (x + 5.4) / 10.8, (2 - y) / 4
        return box["x"] + across * box["width"], box["y"] + down * box["height"]

    page.mouse.move(*place(-4, 1))
    page.mouse.down()
    page.mouse.move(*place(-1, 1), steps=2)
    page.mouse.move(*place(1, -1), steps=2)
    page.mouse.up()
    state = page.evaluate("sine.state")
    assert state["curve"] == "drawn"
    heights = dict(zip(np.arange(-5, 5.5, 0.5), state["y"], strict=True))
    assert [heights[x] for x in (-4, -2, -1)] == pytest.approx([1, 1, 1], abs=0.03)
    assert heights[1] == pytest.approx(-1, abs=0.03)
    assert abs(heights[0]) < 0.3
    assert heights[-5] == pytest.approx(np.sin(-5), abs=0.01)
    page.locator("#sine-one").click()
    compare_with_nnlib(page)


def test_the_diamond_obeys_the_arrow_keys_and_says_its_value(open_figures):
    page = open_figures("sine")
    diamond = page.get_by_role("slider", name="Height of the curve")
    diamond.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    state = page.evaluate("sine.state")
    assert state["curve"] == "drawn"
    assert state["y"][12] == pytest.approx(np.sin(1) + 0.2, abs=0.02)
    assert state["y"][11] == pytest.approx(np.sin(0.5), abs=0.01)
    assert diamond.get_attribute("aria-valuetext") == "x = 1.0, y = 1.04"
    compare_with_nnlib(page)


def test_fits_on_a_phone(open_figures):
    page = open_figures("sine", address="#k=200", viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#sine-plot").bounding_box()["width"] > 280


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_the_chapter_suggests_happens(open_figures, go_to, theme):
    page = open_figures("sine", theme=theme)
    for k, words in [
        (10, "a straight line would do better"),
        (100, "It beats every straight line."),
    ]:
        go_to(page, f"#k={k}")
        assert words in page.locator("#sine-status").inner_text()
    go_to(page, "#rate=1&k=3000")
    assert page.locator("#sine-status").inner_text().startswith("The error is no longer finite")
