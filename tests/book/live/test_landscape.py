"""The landscape of five trays, chapter 4: its numbers against nnlib's, and every way to work it."""

import re

import numpy as np
import pytest

from nnlib import Network, gradient_descent, sigmoid, squared_error

INPUTS = np.array([[-2.0, -1.0, 0.0, 1.0, 2.0]])
TRAYS = [0.1, 0.3, 0.2, 0.8, 0.9]
UNIT = Network((1, 1), (sigmoid,))


def read(text: str) -> float:
    return float(text.replace("−", "-"))


def compare_with_nnlib(page) -> np.ndarray:
    """Hold everything that is shown against nnlib, and return the place of the ball."""
    state = page.evaluate("landscape.state")
    y, start = np.array([state["y"]], dtype=float), np.array([state["w"], state["b"]], dtype=float)
    objective = UNIT.objective(INPUTS, y)
    ball = start
    if state["steps"]:
        ball = gradient_descent(objective, start, 4.0, state["steps"])
    np.testing.assert_allclose(page.evaluate("landscape.path()")[-1], ball, rtol=1e-8, atol=1e-10)
    E, gradient = objective(ball)
    given = ball.tolist()
    assert page.evaluate("p => landscape.error(p)", given) == pytest.approx(E, rel=1e-12)
    np.testing.assert_allclose(
        page.evaluate("p => landscape.slopes(p)", given), gradient, rtol=1e-9, atol=1e-14
    )
    A = UNIT(ball, INPUTS)
    assert pytest.approx(E, rel=1e-12) == squared_error(A, y)
    rows = [
        [read(cell) for cell in row.locator("td").all_inner_texts() if re.search(r"\d", cell)]
        for row in page.locator("#landscape-rows tr").all()
    ]
    misses = A - y
    shown = np.vstack([INPUTS, y, A, misses, misses**2]).T
    np.testing.assert_allclose(rows[:5], shown, rtol=0, atol=5.01e-4)
    np.testing.assert_allclose(np.array(rows[:5])[:, 4], misses[0] ** 2, rtol=0, atol=5.01e-5)
    assert rows[5] == [pytest.approx(10 * E, abs=5.01e-5)]
    assert rows[6] == [pytest.approx(E, abs=5.01e-5)]
    said = page.locator("#landscape-status").inner_text()
    numbers = [read(text) for text in re.findall(r"−?\d+\.\d+", said)]
    np.testing.assert_allclose(numbers[:2], ball, rtol=0, atol=5.01e-3)
    assert numbers[2:] == [pytest.approx(E, abs=5.01e-5)]
    return ball


def test_numbers_are_those_of_nnlib(open_figures, go_to):
    page = open_figures("landscape")
    assert page.evaluate("landscape.state") == {"w": 1, "b": 1, "y": TRAYS, "steps": 0}
    compare_with_nnlib(page)
    for address in (
        "#w=-3.2&b=2.05",
        "#w=6&b=-6&steps=40",
        "#w=0&b=0&y=0,1,0.55,0.2,0.95&steps=25",
        "#w=-5.5&b=4.5&y=0.9,0.3,0.2,0.8,0.9&steps=100",
    ):
        go_to(page, address)
        compare_with_nnlib(page)


def test_picture_shows_curve_misses_and_path_where_they_are(open_figures):
    page = open_figures("landscape", address="#w=2&b=-0.5&steps=3")
    ball = compare_with_nnlib(page)
    box = page.evaluate(
        "(({ width, height }) => [width, height])"
        "(document.getElementById('landscape-curve').viewBox.baseVal)"
    )
    d = page.locator(".landscape-line").get_attribute("d")
    points = np.array(re.findall(r"-?[\d.]+", d), dtype=float).reshape(-1, 2)
    x = points[:, 0] / box[0] * 5.2 - 2.6
    y = 1.12 - points[:, 1] / box[1] * 1.24
    np.testing.assert_allclose(y, sigmoid(ball[0] * x + ball[1]), atol=1e-3)
    assert page.locator(".landscape-miss").count() == 5
    path = page.locator(".landscape-path").get_attribute("d")
    assert path.count("L") == 3


def test_the_diamond_is_dragged_and_obeys_the_arrow_keys(open_figures):
    page = open_figures("landscape", address="#steps=5")
    plot = page.locator("#landscape-map").bounding_box()
    diamond = page.get_by_role("slider", name="The weight w and the bias b")
    box = diamond.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + plot["width"] / 6, y + plot["height"] / 4, steps=3)
    page.mouse.up()
    state = page.evaluate("landscape.state")
    assert [state["w"], state["b"], state["steps"]] == [
        pytest.approx(3, abs=0.06),
        pytest.approx(-2, abs=0.06),
        0,
    ]
    diamond.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    after = page.evaluate("landscape.state")
    assert after["w"] == pytest.approx(state["w"] + 0.1)
    assert after["b"] == pytest.approx(state["b"] + 0.2)
    assert diamond.get_attribute("aria-valuetext").startswith("w = ")
    compare_with_nnlib(page)


def test_pointing_into_the_map_and_sliders_choose_a_place(open_figures, set_slider):
    page = open_figures("landscape")
    box = page.locator("#landscape-map").bounding_box()
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    state = page.evaluate("landscape.state")
    assert [state["w"], state["b"]] == pytest.approx([-3, 3], abs=0.08)
    set_slider(page, "landscape-w", 4.5)
    set_slider(page, "landscape-b", -1.25)
    state = page.evaluate("landscape.state")
    assert [state["w"], state["b"]] == [4.5, -1.25]
    compare_with_nnlib(page)


def test_targets_move_up_and_down_within_0_and_1(open_figures):
    page = open_figures("landscape")
    target = page.get_by_role("slider", name="Target 3")
    plot = page.locator("#landscape-curve").bounding_box()
    box = target.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 0.4 / 1.24 * plot["height"], steps=3)
    page.mouse.up()
    assert page.evaluate("landscape.state.y[2]") == pytest.approx(0.6, abs=0.02)
    target.focus()
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    assert page.evaluate("landscape.state.y") == [0.1, 0.3, 1, 0.8, 0.9]
    compare_with_nnlib(page)
    page.get_by_role("button", name="The trays again").click()
    assert page.evaluate("landscape.state.y") == TRAYS


def test_a_ball_rolls_until_it_rests_and_is_picked_up(open_figures):
    page = open_figures("landscape", address="#w=-3&b=2")
    page.get_by_role("button", name="Roll 25 steps").click()
    assert page.evaluate("landscape.state.steps") == 25
    compare_with_nnlib(page)
    page.get_by_role("button", name="Pick it up").click()
    assert page.evaluate("landscape.state.steps") == 0
    assert page.locator(".landscape-ball").count() == 0
    page.get_by_role("button", name="Drop a ball").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Drop a ball").wait_for(timeout=20000)
    ball = compare_with_nnlib(page)
    np.testing.assert_allclose(ball, [1.28, -0.46], atol=0.02)


def test_without_motion_the_ball_is_where_it_comes_to_rest(open_figures):
    page = open_figures("landscape", address="#w=-3&b=2", reduced_motion="reduce")
    page.get_by_role("button", name="Drop a ball").click()
    np.testing.assert_allclose(compare_with_nnlib(page), [1.28, -0.46], atol=0.02)


def test_two_changed_targets_make_a_second_valley(open_figures, go_to):
    """What the hint suggests: then two balls come to rest in two places, both of them minima."""
    page = open_figures("landscape", reduced_motion="reduce")
    ends = []
    for targets in ("0.1,0.3", "0.8,0.1"):
        for place in ("w=-4&b=-4", "w=1&b=1"):
            go_to(page, f"#{place}&y={targets},0.2,0.8,0.9")
            page.get_by_role("button", name="Drop a ball").click()
            ends.append(compare_with_nnlib(page))
    np.testing.assert_allclose(ends[0], ends[1], atol=0.01)
    np.testing.assert_allclose(ends[2], [-3.3, -5.25], atol=0.1)
    np.testing.assert_allclose(ends[3], [0.366, 0.197], atol=0.01)
    objective = UNIT.objective(INPUTS, np.array([[0.8, 0.1, 0.2, 0.8, 0.9]]))
    for minimum in ends[2:]:
        columns = [objective(minimum + h)[1] - objective(minimum - h)[1] for h in 1e-4 * np.eye(2)]
        assert np.linalg.eigvalsh(np.array(columns) / 2e-4).min() > 0


def test_handles_are_large_enough_for_a_finger_on_a_phone(open_figures):
    page = open_figures("landscape", viewport={"width": 390, "height": 800}, has_touch=True)
    for handle in page.locator(".live-handle:visible").all():
        box = handle.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    diamond = page.get_by_role("slider", name="The weight w and the bias b")
    diamond.scroll_into_view_if_needed()
    box = diamond.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    scrolled = page.evaluate("scrollY")
    for kind, points in [
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x + 30, "y": y + 40}]),
        ("touchEnd", []),
    ]:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.evaluate("new Promise(requestAnimationFrame)")
    width = page.locator("#landscape-map").bounding_box()["width"]
    assert page.evaluate("landscape.state.w") == pytest.approx(1 + 12 * 30 / width, abs=0.1)
    assert page.evaluate("scrollY") == scrolled
    compare_with_nnlib(page)
