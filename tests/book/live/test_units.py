"""What hidden units add, chapter 2: the numbers against nnlib's, and every way to work it."""

import re
from itertools import product

import numpy as np
import pytest

from nnlib import Network, forward, identity, pack, relu, sigmoid, tanh

FUNCTIONS = {"sigmoid": sigmoid, "relu": relu, "tanh": tanh}


def parameters(state):
    """Return W and b of the network n = (1, k, 1) that is shown."""
    k = len(state["w"])
    none = np.zeros((0, 0))
    w, b, v, c = (np.array(state[name], dtype=float) for name in "wbvc")
    return [none, w.reshape(k, 1), v.reshape(1, k)], [none, b.reshape(k, 1), c.reshape(1, 1)]


def read(text: str) -> float:
    return float(text.replace("−", "-"))


def compare_with_nnlib(page) -> float:
    """Hold everything that is shown against nnlib, and return the distance from the target."""
    state = page.evaluate("units.state")
    W, b = parameters(state)
    g = [identity, FUNCTIONS[state["g"]], identity]
    network = Network((1, len(state["w"]), 1), (g[1], identity))
    x = np.array([[state["x"], *np.linspace(-3, 3, 601)]])
    Z, A = forward(W, b, g, x)
    outputs = [page.evaluate("x => x.map((x) => units.at(x).N)", x[0].tolist())]
    np.testing.assert_allclose(outputs, A[2], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(outputs, network(pack(W, b), x), rtol=1e-12, atol=1e-12)
    rows = page.locator("#units-rows tr").all()
    for i, row in enumerate(rows[:-2]):
        shown = [read(text) for text in row.locator("td").all_inner_texts()]
        v = W[2][0, i]
        np.testing.assert_allclose(shown, [Z[1][i, 0], A[1][i, 0], v, v * A[1][i, 0]], atol=5.01e-4)
    assert read(rows[-1].locator("td").last.inner_text()) == pytest.approx(A[2][0, 0], abs=5.01e-4)
    numbers = [read(text) for text in re.findall(r"[−]?\d+\.\d\d", shown_formula(page))]
    wanted = [number for i in range(len(W[1])) for number in (W[2][0, i], W[1][i, 0], b[1][i, 0])]
    np.testing.assert_allclose(np.abs(numbers), np.abs([*wanted, b[2][0, 0]]), atol=5.01e-3)
    if state["target"] == "none":
        return np.inf
    gaps = np.abs(A[2][0, 1:] - target(state["target"], x[0, 1:]))
    said = page.locator("#units-status").inner_text()
    assert read(re.search(r"at most (\d+\.\d+)\.", said)[1]) == pytest.approx(
        gaps.max(), abs=5.01e-4
    )
    return float(gaps.max())


def shown_formula(page) -> str:
    return page.locator("#units-formula").inner_text()


def target(name: str, x: np.ndarray) -> np.ndarray:
    if name == "plateau":
        return 1.5 * (sigmoid(5 * x + 5) - sigmoid(5 * x - 5))
    return np.maximum(0, 1.5 - np.abs(x)) if name == "tent" else np.sin(2 * x)


def test_numbers_are_those_of_nnlib(open_figures, go_to):
    page = open_figures("units")
    assert compare_with_nnlib(page) > 0.1
    for g, wanted in product(FUNCTIONS, ["plateau", "tent", "wave", "none"]):
        shape = "w=2,-3.5,0&b=1,-0.5,2&v=1.25,-2,0.5&c=-0.25&x=-1.15"
        go_to(page, f"#g={g}&target={wanted}&{shape}")
        assert page.evaluate("units.state.w") == [2, -3.5, 0]
        assert compare_with_nnlib(page) > 0.1


def test_targets_that_can_be_hit_are_hit(open_figures, go_to):
    page = open_figures("units")
    for solution in (
        "#w=5,5&b=5,-5&v=1.5,-1.5",
        "#target=plateau&g=tanh&w=2.5,2.5&b=2.5,-2.5&v=0.75,-0.75",
        "#target=tent&g=relu&w=1,1,1&b=1.5,0,-1.5&v=1,-2,1",
    ):
        go_to(page, solution)
        assert compare_with_nnlib(page) < 1e-12
        assert "You have hit it." in page.locator("#units-status").inner_text()


def test_the_sum_is_drawn_where_it_is(open_figures):
    page = open_figures("units", address="#g=tanh&w=1,-2&b=0.5,1&v=1,0.5&c=0.25")
    box = page.evaluate("document.getElementById('units-plot').viewBox.baseVal.width")
    d = page.locator(".units-sum").get_attribute("d")
    points = np.array(re.findall(r"[\d.]+", d), dtype=float).reshape(-1, 2)
    W, b = parameters(page.evaluate("units.state"))
    x = np.linspace(-3, 3, 601)
    A = forward(W, b, [identity, tanh, identity], x[None])[1][2][0]
    height = page.evaluate("document.getElementById('units-plot').viewBox.baseVal.height")
    np.testing.assert_allclose(points[:, 0], (x + 3) / 6 * box, atol=0.01)
    np.testing.assert_allclose(points[:, 1], (2.5 - A) / 5 * height, atol=0.01)


def test_sliders_set_the_chosen_unit(open_figures, set_slider):
    page = open_figures("units")
    page.get_by_label("2", exact=True).check()
    for name, value in [("w", -3), ("b", 1.5), ("v", 2), ("c", -1), ("x", -2)]:
        set_slider(page, f"units-{name}", value)
    state = page.evaluate("units.state")
    assert [state[name][1] for name in "wbv"] == [-3, 1.5, 2]
    assert [state["c"], state["x"]] == [-1, -2]
    assert [state[name][0] for name in "wbv"] == [2, 3, 1]
    compare_with_nnlib(page)


def test_units_are_added_and_removed(open_figures):
    page = open_figures("units")
    for k in (3, 4):
        page.locator("#units-add").click()
        assert len(page.evaluate("units.state.w")) == k
        compare_with_nnlib(page)
    assert page.locator("#units-add").is_disabled()
    assert page.get_by_label("4", exact=True).is_checked()
    for k in (3, 2, 1):
        page.locator("#units-remove").click()
        assert len(page.evaluate("units.state.w")) == k
    assert page.locator("#units-remove").is_disabled()
    assert page.locator("#units-plot .live-handle:visible").count() == 2
    compare_with_nnlib(page)


def drag(page, handle, right: float, down: float) -> None:
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=3)
    page.mouse.up()


def test_a_unit_is_moved_by_its_disk(open_figures):
    page = open_figures("units")
    plot = page.locator("#units-plot").bounding_box()
    disk = page.get_by_role("slider", name="Unit 2: where z is 0")
    drag(page, disk, plot["width"] / 6, 40)
    state = page.evaluate("units.state")
    assert [state["w"], state["v"]] == [[2, 2], [1, -0.5]]
    assert -state["b"][1] / state["w"][1] == pytest.approx(0.5 + 1, abs=0.02)
    assert page.get_by_label("2", exact=True).is_checked()
    compare_with_nnlib(page)


def test_the_diamond_sets_weight_and_outgoing_weight(open_figures):
    page = open_figures("units")
    plot = page.locator("#units-plot").bounding_box()
    diamond = page.get_by_role("slider", name="Chosen unit")
    drag(page, diamond, plot["width"] / 12, -plot["height"] / 10)
    state = page.evaluate("units.state")
    assert state["w"][0] == pytest.approx(1, abs=0.03)
    assert -state["b"][0] / state["w"][0] == pytest.approx(-1.5, abs=0.02)
    assert state["v"][0] * sigmoid(np.array(1.0)) == pytest.approx(0.731 + 0.5, abs=0.03)
    compare_with_nnlib(page)


def test_handles_obey_the_arrow_keys_and_say_their_values(open_figures):
    page = open_figures("units")
    disk = page.get_by_role("slider", name="Unit 1: where z is 0")
    disk.focus()
    page.keyboard.press("ArrowRight")
    state = page.evaluate("units.state")
    assert -state["b"][0] / state["w"][0] == pytest.approx(-1.4)
    assert disk.get_attribute("aria-valuetext") == "x = −1.40"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Unit 1")
    diamond = page.get_by_role("slider", name="Chosen unit")
    diamond.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    state = page.evaluate("units.state")
    assert [state["w"][0], state["v"][0]] == pytest.approx([2.1, 1.1])
    assert diamond.get_attribute("aria-valuetext") == "w = 2.10, v = 1.10"
    compare_with_nnlib(page)


def test_handles_are_large_enough_for_a_finger_on_a_phone(open_figures):
    page = open_figures("units", viewport={"width": 390, "height": 800}, has_touch=True)
    for handle in page.locator(".live-handle:visible").all():
        box = handle.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    disk = page.get_by_role("slider", name="Unit 1: where z is 0")
    disk.scroll_into_view_if_needed()
    box = disk.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    scrolled = page.evaluate("scrollY")
    for kind, points in [
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x + 30, "y": y - 60}]),
        ("touchMove", [{"x": x + 57, "y": y - 60}]),
        ("touchEnd", []),
    ]:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.evaluate("new Promise(requestAnimationFrame)")
    width = page.locator("#units-plot").bounding_box()["width"]
    state = page.evaluate("units.state")
    assert -state["b"][0] / state["w"][0] == pytest.approx(-1.5 + 6 * 57 / width, abs=0.03)
    assert page.evaluate("scrollY") == scrolled


def test_pointing_into_the_picture_sets_x(open_figures):
    page = open_figures("units")
    box = page.locator("#units-plot").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.9 * box["height"])
    assert page.evaluate("units.state.x") == pytest.approx(1.5, abs=0.02)
    compare_with_nnlib(page)
