"""The walk downhill: its state in the address, its start as a handle, steps that follow sliders."""

import numpy as np
import pytest

from nnlib import gradient_descent, momentum


def quadratic(x, kappa=10):
    q = np.array([[0.8, -0.6], [0.6, 0.8]])
    H = q @ np.diag([1.0, kappa]) @ q.T
    return 0.5 * float(x @ H @ x), H @ x


def valleys(x):
    value = x[0] ** 4 / 4 - x[0] ** 3 / 6 - 3 * x[0] ** 2 / 4 + x[1] ** 2 / 2
    return value, np.array([x[0] * (x[0] + 1) * (x[0] - 1.5), x[1]])


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
    page = open_figures("descent", address="#G=valleys&x=0.3,1.5&steps=3")
    handle = page.get_by_role("slider", name="Start of the walk")
    handle.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    assert page.evaluate("descent.state.start") == pytest.approx([0.4, 1.7])
    assert handle.get_attribute("aria-valuetext") == "x₁ = 0.40, x₂ = 1.70"
    box, plot = handle.bounding_box(), page.locator("#descent-plot").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 3, y)
    page.mouse.down()
    page.mouse.move(x + 3 + plot["width"] / 5.2, y, steps=3)
    page.mouse.up()
    assert page.evaluate("descent.state.start") == pytest.approx([1.4, 1.7], abs=0.02)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 2 * plot["width"], y, steps=3)
    page.mouse.up()
    assert page.evaluate("descent.state.start[0]") <= 0.2 + 2.6 + 1e-9, "it stays in the picture"


def test_moving_a_slider_redraws_the_walk_at_once(open_figures, set_slider):
    page = open_figures("descent")
    assert page.locator(".descent-point").count() == 15, "a walk is there before anything is done"
    before = page.evaluate("descent.path()")
    for name, value in [("rate", 0.05), ("beta", 0.5), ("kappa", 20), ("across", -1), ("up", 1)]:
        set_slider(page, f"descent-{name}", value)
        assert page.locator(".descent-point").count() == 15
        after = page.evaluate("descent.path()")
        assert after != before
        before = after
    page.locator("#descent-reset").click()
    assert page.locator(".descent-point").count() == 0
    page.locator("#descent-ten").click()
    assert page.locator(".descent-point").count() == 10


def test_the_first_walk_gets_somewhere(open_figures):
    page = open_figures("descent")
    path = page.evaluate("descent.path()")
    expected = gradient_descent(quadratic, np.array([1.0, 2.0]), 0.16, 15)
    np.testing.assert_allclose(path[-1], expected, rtol=1e-9)
    assert quadratic(np.array(path[-1]))[0] < quadratic(np.array(path[0]))[0] / 500
    page.locator("input[value=valleys]").check()
    np.testing.assert_allclose(page.evaluate("descent.path().at(-1)"), [1.5, 0], atol=5e-3)


@pytest.mark.parametrize("width", [360, 390, 1000])
def test_controls_are_large_and_play_is_near_the_picture(open_figures, width):
    page = open_figures("descent", viewport={"width": width, "height": 760})
    for control in page.locator("#live-descent :is(button, input)").all():
        if control.is_visible():
            assert control.bounding_box()["height"] >= 24, control
    picture = page.locator("#descent-plot").bounding_box()
    bottom = picture["y"] + picture["height"]
    for name in ("one", "play", "reset"):
        assert 0 <= page.locator(f"#descent-{name}").bounding_box()["y"] - bottom < 100
    rate = page.locator("#descent-rate").bounding_box()
    assert rate["y"] - picture["y"] < 700, "the picture and the learning rate fit on one screen"


@pytest.mark.parametrize("G", ["quadratic", "valleys"])
def test_axes_have_numbers(open_figures, G):
    page = open_figures("descent", address=f"#G={G}")
    numbers = page.locator("#descent-plot .live-tick").all_text_contents()
    assert {"−2", "−1", "1", "2"} <= set(numbers)
    assert page.locator("#descent-plot .live-name").all_text_contents() == ["x₁", "x₂"]


@pytest.mark.parametrize("width", [390, 1000])
def test_no_mark_below_the_slider_crosses_a_name(open_figures, set_slider, width):
    boxes = "all => all.map(e => { const b = e.getBBox(); return [b.x, b.y, b.width, b.height]; })"
    for G in ("quadratic", "valleys"):
        page = open_figures("descent", address=f"#G={G}", viewport={"width": width, "height": 760})
        for beta in (0, 0.05, 0.3, 0.6, 0.95):
            set_slider(page, "descent-beta", beta)
            marks = page.locator("#descent-bounds path").evaluate_all(boxes)
            names = page.locator("#descent-bounds text").evaluate_all(boxes)
            assert len(marks) == len(names) == (2 if beta or G == "valleys" else 1)
            for x, y, w, h in names:
                assert x >= 0
                assert x + w <= 300
                assert y + h <= 53
                for left, top, _, high in marks:
                    assert not (x < left < x + w and top < y + h - 4 and y + 3 < top + high)


def test_play_starts_over_and_goes_on_after_a_pause(open_figures):
    page = open_figures("descent")
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.locator("#descent-play").click()
    assert page.evaluate("descent.state.steps") == 1
    page.clock.run_for(1000)
    page.locator("#descent-play").click()
    steps = page.evaluate("descent.state.steps")
    assert 1 < steps < 15
    page.locator("#descent-play").click()
    assert page.evaluate("descent.state.steps") == steps + 1
