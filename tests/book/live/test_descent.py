"""The walk downhill: its state in the address, its start as a handle, steps that follow sliders."""

import numpy as np
import pytest

from nnlib import gradient_descent, momentum


def quadratic(x, kappa=10):
    q = np.array([[0.8, -0.6], [0.6, 0.8]])
    H = q @ np.diag([1.0, kappa]) @ q.T
    return 0.5 * float(x @ H @ x), H @ x


def valleys(x):
    value = x[0] ** 2 / 2 + x[1] ** 4 / 4 - x[1] ** 3 / 6 - 3 * x[1] ** 2 / 4
    return value, np.array([x[0], x[1] * (x[1] + 1) * (x[1] - 1.5)])


@pytest.mark.parametrize("G", [quadratic, valleys])
def test_a_link_shows_a_walk(open_figures, G):
    page = open_figures(
        "descent", address=f"#G={G.__name__}&rate=0.15&beta=0.4&x=1.2,-0.6&steps=25"
    )
    start = np.array([1.2, -0.6])
    last = gradient_descent(G, start, 0.15, 25, rule=momentum(0.4))
    path = page.evaluate("descent.path()")
    assert len(path) == 26
    np.testing.assert_allclose(path[-1], last, rtol=1e-9, atol=1e-12)
    assert page.locator(".descent-point").count() == 25
    assert page.locator(f"input[value={G.__name__}]").is_checked()


def test_the_start_is_a_handle_that_obeys_mouse_and_keys(open_figures):
    page = open_figures("descent", address="#G=valleys&x=1.5,0.3&steps=3")
    handle = page.get_by_role("slider", name="Start of the walk")
    handle.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    assert page.evaluate("descent.state.start") == pytest.approx([1.7, 0.4]), "x2 is to the right"
    assert handle.get_attribute("aria-valuetext") == "x₁ = 1.70, x₂ = 0.40"
    box, plot = handle.bounding_box(), page.locator("#descent-plot").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 3, y)
    page.mouse.down()
    page.mouse.move(x + 3 + plot["width"] / 5.2, y, steps=3)
    page.mouse.up()
    assert page.evaluate("descent.state.start") == pytest.approx([1.7, 1.4], abs=0.02)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 2 * plot["width"], y, steps=3)
    page.mouse.up()
    assert page.evaluate("descent.state.start[1]") <= 0.2 + 2.6 + 1e-9, "it stays in the picture"


def test_the_steps_that_are_drawn_follow_the_sliders(open_figures, set_slider):
    page = open_figures("descent")
    page.locator("#descent-ten").click()
    for name, value in [("rate", 0.05), ("beta", 0.5), ("kappa", 20)]:
        set_slider(page, f"descent-{name}", value)
        assert page.locator(".descent-point").count() == 10
    page.locator("#descent-reset").click()
    assert page.locator(".descent-point").count() == 0
