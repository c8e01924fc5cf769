"""The example forward and backward, chapter 6: the numbers against nnlib, every way to work it."""

import re

import numpy as np
import pytest

from nnlib import backward, forward, identity, numerical_gradient, sigmoid, squared_error

LN3 = np.log(3)
NONE = np.zeros((0, 0))
W = [NONE, LN3 * np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([[5.0, -2.0]])]
B = [NONE, LN3 * np.array([[-1.0], [-3.0]]), np.array([[-1.0]])]
G = [identity, sigmoid, identity]
X = np.array([[1.0, 1.0, 2.0], [0.0, 2.0, -1.0]])
Y = np.array([[4.0, 1.0, 1.0]])
NAMES = ["W111", "W112", "W121", "W122", "b11", "b12", "W211", "W212", "b21"]
KNOWN = {"A1": 1, "A2": 2, "E": 3, "dZ2": 4, "dW2": 5, "dZ1": 6, "dW1": 7}


def place(name: str) -> tuple[str, int, tuple[int, int]]:
    """Return whether a parameter is a weight or a bias, its layer, and where it is there."""
    kind, l, i, *j = name
    return kind, int(l), (int(i) - 1, int(j[0]) - 1 if j else 0)


def error(name: str, by: float) -> float:
    """Return E of the example with one parameter raised."""
    weights, biases = [w.copy() for w in W], [b.copy() for b in B]
    kind, l, at = place(name)
    (weights if kind == "W" else biases)[l][at] += by
    return squared_error(forward(weights, biases, G, X)[1][2], Y)


def read(text: str) -> float:
    return float(text.replace("−", "-").strip("→ ()"))


def labels(page, style: str) -> list[float]:
    return [read(text) for text in page.locator(f"#nudge-plot .{style}").all_text_contents()]


def compare_with_nnlib(page) -> None:
    """Hold everything that is shown against nnlib."""
    state = page.evaluate("nudge.state")
    step, c, by = state["step"], state["c"] - 1, state["by"]
    Z, A = forward(W, B, G, X)
    dW, db = backward(W, G, Z, A, squared_error.dA(A[2], Y))
    dZ2 = squared_error.dA(A[2], Y)
    dZ1 = numerical_gradient(lambda Z1: squared_error(W[2] @ sigmoid(Z1) + B[2], Y), Z[1])
    shown = page.evaluate("nudge.derivatives")
    np.testing.assert_allclose(shown["dZ"][2], dZ2, rtol=1e-13)
    np.testing.assert_allclose(shown["dZ"][1], dZ1, rtol=1e-8)
    for name, theirs in zip(("dW", "db"), (dW, db), strict=True):
        for l in (1, 2):
            np.testing.assert_allclose(np.ravel(shown[name][l]), theirs[l].ravel(), rtol=1e-12)

    values = [*X[:, c]]
    values += [*A[1][:, c]] if step >= KNOWN["A1"] else []
    values += [*A[2][:, c]] if step >= KNOWN["A2"] else []
    values += [squared_error(A[2], Y)] if step >= KNOWN["E"] else []
    np.testing.assert_allclose(labels(page, "nudge-value"), values, atol=5.01e-4)
    blames = [dZ1[0, c], dZ1[1, c]] if step >= KNOWN["dZ1"] else []
    blames += [dZ2[0, c]] if step >= KNOWN["dZ2"] else []
    links = [*(dW[1] if step >= KNOWN["dW1"] else W[1]).ravel()]
    links += [*(dW[2] if step >= KNOWN["dW2"] else W[2]).ravel()]
    np.testing.assert_allclose(labels(page, "nudge-on-link"), links, atol=5.01e-4)
    on_nodes = page.locator("#nudge-plot .nudge-blame:not(.nudge-on-link)").all_text_contents()
    np.testing.assert_allclose([read(text) for text in on_nodes], blames, atol=5.01e-4)

    rows = page.locator("#nudge-rows tr").all()
    assert len(rows) == len(NAMES)
    for name, row in zip(NAMES, rows, strict=True):
        kind, l, at = place(name)
        cells = row.locator("td").all_inner_texts()
        slope = (dW if kind == "W" else db)[l][at]
        truth = error(name, by) - error(name, 0)
        assert read(cells[0]) == pytest.approx((W if kind == "W" else B)[l][at], abs=5.01e-4)
        assert read(cells[3]) == pytest.approx(truth, abs=5.01e-6)
        if step >= KNOWN[f"dW{l}"]:
            assert read(cells[1]) == pytest.approx(slope, abs=5.01e-4)
            assert read(cells[2]) == pytest.approx(slope * by, abs=5.01e-6)
        else:
            assert cells[1:3] == ["–", "–"]
        chosen = "live-chosen" in (row.get_attribute("class") or "")
        assert chosen == (name == state["name"])


@pytest.mark.parametrize("step", range(8))
def test_numbers_are_those_of_nnlib_at_every_step(open_figures, go_to, step):
    page = open_figures("nudge")
    for c, name, by in [(1, "W121", 0.01), (2, "b12", -0.7), (3, "W212", 1)]:
        go_to(page, f"#step={step}&c={c}&name={name}&by={by}")
        assert page.evaluate("nudge.state") == {"step": step, "c": c, "name": name, "by": by}
        compare_with_nnlib(page)


def test_fractions_of_the_chapter_are_on_the_page(open_figures):
    page = open_figures("nudge")
    assert labels(page, "nudge-on-link") == [-1.25, -1.125, 0.25, 1, -0.15, -0.75]
    assert labels(page, "nudge-value") == [1, 0, 0.5, 0.25, 1, 3.375]
    said = page.locator("#nudge-verdict").inner_text()
    assert said.endswith("0.250 · 0.01 = 0.00250. True change: 0.00252.")
    assert labels(page, "nudge-after") == [0.252, 0.996, 3.378]


def test_nodes_that_the_nudge_reaches_are_marked(open_figures, go_to):
    page = open_figures("nudge")
    reached = {"W111": 3, "W121": 3, "b12": 3, "W211": 2, "b21": 2}
    for name, count in reached.items():
        go_to(page, f"#name={name}&by=0.5")
        assert page.locator("#nudge-plot .nudge-moved").count() == count
        A = forward(W, B, G, X)[1]
        weights, biases = [w.copy() for w in W], [b.copy() for b in B]
        kind, l, at = place(name)
        (weights if kind == "W" else biases)[l][at] += 0.5
        after = forward(weights, biases, G, X)[1]
        wanted = [
            after[layer][i, 0]
            for layer in (1, 2)
            for i in range(len(A[layer]))
            if abs(after[layer][i, 0] - A[layer][i, 0]) > 1e-3
        ]
        np.testing.assert_allclose(
            labels(page, "nudge-after"), [*wanted, squared_error(after[2], Y)], atol=5.01e-4
        )
    go_to(page, "#by=0")
    assert page.locator("#nudge-plot .nudge-moved").count() == 0


def test_prediction_is_the_better_the_smaller_the_nudge(open_figures):
    page = open_figures("nudge")
    off = {}
    for by in (0.4, 0.2, 0.1):
        both = page.evaluate(
            """by => { nudge.state.by = by;
                return nudge.parameters.map(nudge.compare).map((p) => p.truth - p.prediction); }""",
            by,
        )
        off[by] = np.abs(both)
    assert np.all(off[0.1] < off[0.2] / 3)
    assert np.all(off[0.2] < off[0.4] / 3)


def test_buttons_step_through_both_passes(open_figures):
    page = open_figures("nudge")
    assert page.locator("#nudge-step").is_disabled()
    page.locator("#nudge-start").click()
    assert page.locator("#nudge-back").is_disabled()
    for step in range(8):
        assert page.evaluate("nudge.state.step") == step
        assert page.locator("#nudge-status").inner_text().startswith(f"Step {step} of 7.")
        compare_with_nnlib(page)
        if step < 7:
            page.locator("#nudge-step").press("Enter")
    page.locator("#nudge-back").click()
    assert page.evaluate("nudge.state.step") == 6
    said = page.locator("#nudge-verdict").inner_text()
    assert said == "The backward pass has not reached W¹₂₁ yet."
    page.locator("#nudge-all").click()
    assert page.evaluate("nudge.state.step") == 7


def test_what_a_step_says_are_its_numbers(open_figures, go_to):
    page = open_figures("nudge")
    says = {
        1: "A¹₁ = σ(0.000) = 0.500, and A¹₂ = σ(−1.099) = 0.250.",
        2: "The output is 1.000 and should be 4.",
        3: "E = 3.375.",
        4: "off by −3.000, and a third of that is its blame, −1.000.",
        5: "dW²₁₁ = −0.150, and dW²₁₂ = −0.750.",
        6: "5.000 · (−1.000) · 0.250 = −1.250, and (−2.000) · (−1.000) · 0.188 = 0.375.",
        7: "dW¹₂₁ = 0.375 · 1 + 0.375 · 1 + (−0.250) · 2 = 0.250.",
    }
    for step, words in says.items():
        go_to(page, f"#step={step}&c=1")
        assert page.locator("#nudge-status").inner_text().endswith(words)


def test_every_parameter_is_chosen_by_the_list_and_every_weight_by_its_link(open_figures):
    page = open_figures("nudge")
    for name in NAMES:
        page.locator("#nudge-name").select_option(name)
        compare_with_nnlib(page)
    weights = [name for name in NAMES if name[0] == "W"]
    targets = page.locator("#nudge-plot .nudge-target")
    assert targets.count() == len(weights)
    for k, name in enumerate(weights):
        point = page.evaluate(
            """k => {
                const path = document.querySelectorAll("#nudge-plot .nudge-target")[k];
                const { x, y } = path.getPointAtLength(0.25 * path.getTotalLength());
                const screen = new DOMPoint(x, y).matrixTransform(path.getScreenCTM());
                return [screen.x, screen.y];
            }""",
            k,
        )
        page.mouse.click(*point)
        assert page.evaluate("nudge.state.name") == name


def test_keyboard_moves_slider_and_input(open_figures):
    page = open_figures("nudge")
    page.locator("#nudge-by").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("nudge.state.by") == pytest.approx(0.05)
    page.get_by_label("1", exact=True).focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("nudge.state.c") == 2
    compare_with_nnlib(page)
    page.wait_for_timeout(300)
    assert page.evaluate("location.hash") == "#c=2&by=0.05"


def test_changes_are_announced_once_they_rest(open_figures):
    page = open_figures("nudge")
    region = page.locator("#nudge-spoken")
    assert region.get_attribute("aria-live") == "polite"
    page.locator("#nudge-back").click()
    assert region.inner_text() == ""
    page.wait_for_function("e => e.textContent", arg=region.element_handle())
    assert re.match("Step 6 of 7. Weight times blame times slope", region.inner_text())
