"""The bowl of chapter 10: its numbers against nnlib's, and every way to work it."""

import re

import numpy as np
import pytest

from nnlib import Network, gradient_descent, identity, line, linear_regression

NETWORK = Network((1, 1), (identity,))
X = [0.5, 1, 2, 3, 3.5]
Y = [1.75, 0.75, 2, 3.25, 2.25]


def read(text: str) -> float:
    digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
    number, _, power = text.partition(" · 10")
    return float(number.translate(digits)) * 10 ** int(power.translate(digits) or 0)


def hessian(x: np.ndarray) -> np.ndarray:
    rows = np.vstack([x, np.ones(len(x))])
    return rows @ rows.T / len(x)


def table(page) -> list[list[float]]:
    rows = page.locator("#bowl-rows tr").all()
    texts = [row.locator("td").all_inner_texts() for row in rows]
    return [[read(text) for text in row if text] for row in texts]


def compare_with_nnlib(page) -> dict[str, np.ndarray]:
    """Hold everything that is shown against nnlib, and return where both descents are."""
    state = page.evaluate("bowl.state")
    x, y = np.array(state["x"], dtype=float), np.array(state["y"], dtype=float)
    best, mu, tau = np.array(line(x, y)), x.mean(), x.std()
    np.testing.assert_allclose(page.evaluate("bowl.best()"), best, rtol=1e-10, atol=1e-12)
    start = np.array([state["w"], state["b"]], dtype=float)
    E_raw = NETWORK.objective(x.reshape(1, -1), y.reshape(1, -1))
    said = page.locator("#bowl-status").inner_text()
    numbers, ends = table(page), {}
    counts = re.search(r"they take (\d+) and (\d+)\.", said).groups()
    for k, (name, features) in enumerate({"raw": x, "standardized": (x - mu) / tau}.items()):
        kind = "true" if name == "standardized" else "false"
        f = NETWORK.objective(features.reshape(1, -1), y.reshape(1, -1))
        lam = np.linalg.eigvalsh(hessian(features))
        rate, kappa = 2 / lam.sum(), lam[1] / lam[0]
        there = start if k == 0 else np.array([start[0] * tau, start[1] + start[0] * mu])
        end = gradient_descent(f, there, rate, state["steps"]) if state["steps"] else there
        shown = page.evaluate(f"bowl.path({kind})")
        assert len(shown) == state["steps"] + 1
        np.testing.assert_allclose(shown[-1], end, rtol=1e-6, atol=1e-8)
        W, b = linear_regression(features.reshape(1, -1), y.reshape(1, -1))
        lowest = np.array([W[0, 0], b[0, 0]])
        # With two parameters the number of steps is exact: walk it, if it is not too far.
        millionth = int(numbers[k][2])
        assert int(counts[k]) == millionth
        if millionth < 3000:
            distances = []

            def measure(j, theta, E, gradient, lowest=lowest, distances=distances):
                distances.append(np.linalg.norm(theta - lowest))

            gradient_descent(f, there, rate, millionth, callback=measure)
            room = 1e-6 * (1 + 1e-5) * distances[0] + 1e-14
            assert distances[millionth] <= room
            assert millionth == 1 or distances[millionth - 1] > 1e-6 * (1 - 1e-5) * distances[0]
        w_b = end if k == 0 else np.array([end[0] / tau, end[1] - end[0] / tau * mu])
        assert numbers[k][:2] == pytest.approx([kappa, rate], rel=1e-3)
        assert numbers[k][3:] == pytest.approx([*w_b, E_raw(w_b)[0]], abs=5.1e-5)
        ends[name] = w_b
    assert numbers[2] == pytest.approx([*best, E_raw(best)[0]], abs=5.1e-5)
    return ends


def test_numbers_are_those_of_nnlib(open_figures, go_to):
    page = open_figures("bowl")
    assert page.evaluate("bowl.state") == {"x": X, "y": Y, "w": 0, "b": 0, "steps": 0}
    compare_with_nnlib(page)
    for address in (
        "#steps=40",
        "#w=-0.5&b=1.5&steps=3",
        "#x=-2,-1,0,1,2&y=0,3,1,2,4&steps=7",
        "#x=4,4.5,5,5.5,6&steps=150",
        "#x=-1.5,6,1,2,3&y=4,0,1,0,2&w=1&b=-1&steps=12",
    ):
        go_to(page, address)
        compare_with_nnlib(page)


def test_the_five_points_take_the_steps_that_the_chapter_says(open_figures):
    page = open_figures("bowl")
    text = "Both descents are at the start. To a millionth of the distance, they take 197 and 1."
    assert page.locator("#bowl-status").inner_text() == text
    assert [row[2] for row in table(page)[:2]] == [197, 1]
    np.testing.assert_allclose(page.evaluate("bowl.best()"), [0.5, 1], rtol=1e-14)


def test_level_lines_are_where_E_has_their_level(open_figures):
    page = open_figures("bowl", address="#w=0.3&b=-0.4")
    for name, features in {
        "raw": np.array(X),
        "standardized": (np.array(X) - 2) / 1.3**0.5,
    }.items():
        f = NETWORK.objective(features.reshape(1, -1), np.array([Y]))
        start = [0.3, -0.4] if name == "raw" else [0.3 * 1.3**0.5, -0.4 + 0.6]
        lowest = np.array(line(features, np.array(Y)))
        low, above = f(lowest)[0], f(np.array(start))[0] - f(lowest)[0]
        window = page.evaluate(
            f"""() => {{ const box = document.getElementById("bowl-{name}").viewBox.baseVal;
            return [box.width, box.height]; }}"""
        )
        far = 1.25 * np.hypot(*(np.array(start) - lowest))
        if name == "raw":
            far = 1.25 * max(far / 1.25, np.hypot(*lowest))
        lines = page.locator(f"#bowl-{name} .bowl-level").all()
        assert len(lines) == 6
        for level, curve in zip((0.03, 0.15, 0.4, 1, 2, 4), lines, strict=True):
            numbers = re.findall(r"-?[\d.]+", curve.get_attribute("d"))
            places = np.array(numbers, dtype=float).reshape(-1, 2) / window * 2 * far
            places = (places - far) * [1, -1] + lowest
            heights = [f(place)[0] - low for place in places]
            np.testing.assert_allclose(heights, level * above, rtol=0.02)


def test_points_are_dragged_and_obey_the_arrow_keys(open_figures):
    page = open_figures("bowl", address="#steps=5")
    plot = page.locator("#bowl-points").bounding_box()
    handle = page.get_by_role("slider", name="Point 3")
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + plot["width"] / 9, y - plot["height"] / 5.5, steps=3)
    page.mouse.up()
    state = page.evaluate("bowl.state")
    assert [state["x"][2], state["y"][2], state["steps"]] == [
        pytest.approx(3, abs=0.05),
        pytest.approx(3, abs=0.05),
        0,
    ]
    handle.focus()
    for key in ("ArrowLeft", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    after = page.evaluate("bowl.state")
    assert after["x"][2] == pytest.approx(state["x"][2] - 0.1)
    assert after["y"][2] == pytest.approx(state["y"][2] - 0.2)
    assert handle.get_attribute("aria-valuetext").startswith("x = ")
    compare_with_nnlib(page)
    page.get_by_role("button", name="The five points again").click()
    assert page.evaluate("bowl.state") == {"x": X, "y": Y, "w": 0, "b": 0, "steps": 0}


def test_the_start_is_dragged_and_stays_in_reach(open_figures):
    page = open_figures("bowl")
    diamond = page.get_by_role("slider", name="The weight w and the bias b at the start")
    plot = page.locator("#bowl-raw").bounding_box()
    box = diamond.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(plot["x"] + 2 * plot["width"], y, steps=4)
    page.mouse.up()
    assert diamond.is_visible()
    state = page.evaluate("bowl.state")
    assert state["w"] == pytest.approx(0.5 + 1.25 * 1.25**0.5, abs=0.01)
    diamond.focus()
    page.keyboard.press("ArrowUp")
    assert page.evaluate("bowl.state.b") > state["b"]
    page.get_by_role("button", name="Ten steps").click()
    compare_with_nnlib(page)
    point = page.get_by_role("slider", name="Point 5")
    point.focus()
    for _ in range(25):
        page.keyboard.press("ArrowUp")
    assert diamond.is_visible()
    compare_with_nnlib(page)


def test_steps_are_taken_one_by_one_and_by_running(open_figures):
    page = open_figures("bowl")
    page.get_by_role("button", name="One step").click()
    said = page.locator("#bowl-status").inner_text()
    assert said.startswith("After 1 step the raw descent has 0.932 of its distance left, and the ")
    assert "standardized one is there." in said
    compare_with_nnlib(page)
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Run").wait_for(timeout=20000)
    assert page.evaluate("bowl.state.steps") == 197
    ends = compare_with_nnlib(page)
    np.testing.assert_allclose(ends["raw"], [0.5, 1], atol=1e-5)
    page.get_by_role("button", name="Back to the start").click()
    assert page.evaluate("bowl.state.steps") == 0


def test_without_motion_running_is_one_jump(open_figures):
    page = open_figures("bowl", reduced_motion="reduce")
    page.get_by_role("button", name="Run").click()
    assert page.evaluate("bowl.state.steps") == 197
    compare_with_nnlib(page)


def test_moving_all_points_changes_the_steps_and_not_the_slope(open_figures, set_slider):
    """What the hint suggests; and what is lifted changes nothing about the steps."""
    page = open_figures("bowl")
    steps = {}
    for mean in (0, 2, 4):
        set_slider(page, "bowl-mean", mean)
        compare_with_nnlib(page)
        rows = table(page)
        steps[mean] = rows[0][2]
        assert rows[1][2] == 1
        assert rows[2][0] == pytest.approx(0.5, abs=1e-4)
    assert steps[0] < 10
    assert steps[2] == 197
    assert steps[4] > 1500
    point = page.get_by_role("slider", name="Point 4")
    point.focus()
    for _ in range(40):
        page.keyboard.press("ArrowUp")
    assert page.evaluate("bowl.state.y[3]") == 4.5
    assert [row[2] for row in table(page)[:2]] == [steps[4], 1]
    compare_with_nnlib(page)


def test_points_are_pulled_apart_within_the_picture(open_figures, set_slider):
    page = open_figures("bowl")
    set_slider(page, "bowl-spread", 0.5)
    x = np.array(page.evaluate("bowl.state.x"))
    assert [x.mean(), x.std()] == pytest.approx([2, 0.5], abs=1e-3)
    compare_with_nnlib(page)
    set_slider(page, "bowl-mean", 5.5)
    set_slider(page, "bowl-spread", 2)
    x = np.array(page.evaluate("bowl.state.x"))
    assert x.max() <= 6.5
    assert x.mean() == pytest.approx(5.5, abs=1e-3)
    compare_with_nnlib(page)


def test_equal_x_have_no_best_line(open_figures, go_to):
    page = open_figures("bowl", address="#x=1,1,1,1,1")
    assert page.locator("#bowl-status").inner_text().startswith("All x are equal: many lines")
    assert page.get_by_role("button", name="Run").is_disabled()
    assert page.locator("#bowl-rows tr").count() == 0
    go_to(page, "#x=1,1,1,1,2")
    compare_with_nnlib(page)


def test_handles_are_large_enough_for_a_finger_on_a_phone(open_figures):
    page = open_figures("bowl", viewport={"width": 390, "height": 800}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for handle in page.locator(".live-handle:visible").all():
        box = handle.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    point = page.get_by_role("slider", name="Point 2")
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    scrolled = page.evaluate("scrollY")
    for kind, points in [
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x + 30, "y": y - 40}]),
        ("touchEnd", []),
    ]:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.evaluate("new Promise(requestAnimationFrame)")
    width = page.locator("#bowl-points").bounding_box()["width"]
    assert page.evaluate("bowl.state.x[1]") == pytest.approx(1 + 9 * 30 / width, abs=0.1)
    assert page.evaluate("scrollY") == scrolled
    compare_with_nnlib(page)
