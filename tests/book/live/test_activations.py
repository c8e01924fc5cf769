"""The activation functions of chapter 8, live: their numbers against nnlib's, and their use."""

import json
import re

import numpy as np
import pytest

import nnlib


def test_values_and_slopes_are_those_of_nnlib(open_figures):
    z = np.concatenate([np.linspace(-12, 12, 2401), [-700.0, -40.0, 40.0, 700.0]])
    page = open_figures("activations")
    names = page.evaluate("activations.names")
    allowed = {"gelu": 1e-14}  # 1 + T, T close to -1, has no digit below 1e-16, and then times z
    assert len(names) == 7
    for name in names:
        g = getattr(nnlib, name)
        pairs = page.evaluate(
            "([name, z]) => z.map((z) => activations.at(name, z))", [name, z.tolist()]
        )
        values, slopes = np.transpose(pairs)
        np.testing.assert_allclose(
            values, g(z), rtol=1e-12, atol=allowed.get(name, 1e-15), err_msg=name
        )
        np.testing.assert_allclose(
            slopes, g.dg(z, g(z)), rtol=1e-12, atol=allowed.get(name, 1e-15), err_msg=name
        )


def read(text: str) -> float:
    """Read a number as the page writes it."""
    powers = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(text.replace("−", "-").replace(" · 10", "e").translate(powers))


def type_z(page, z: float) -> None:
    page.locator("#activation-number").fill(json.dumps(z))


def said(page) -> list[float]:
    """Return the numbers that the figure says: z, g, its slope, and what ten slopes leave."""
    status = page.locator("#activation-status").inner_text()
    left = page.locator("#activation-left").inner_text()
    first = re.match(r".* at z = (.*) is (.*), with slope (.*?)(?:, saturated)?\.$", status)
    last = re.match(r"Ten such slopes make (.*) of a 1\.$", left)
    return [read(text) for text in (*first.groups(), last[1])]


def at(page, title: str, z: float) -> list[float]:
    page.get_by_label(title, exact=True).check()
    type_z(page, z)
    return said(page)[1:]


def test_figure_shows_what_the_page_says_to_try(open_figures):
    page = open_figures("activations")
    assert at(page, "sigmoid", 0)[1:] == pytest.approx([0.25, 9.5e-7], rel=5e-3)
    assert at(page, "tanh", 0)[1:] == [1, 1]
    slopes = [at(page, title, -3)[1] for title in ("ReLU", "leaky ReLU", "softplus", "GELU")]
    assert slopes == pytest.approx([0, 0.01, 0.047, -0.012], abs=5e-4)
    assert at(page, "GELU", 1.4)[1:] == pytest.approx([1.13, 3.4], rel=0.02)
    assert at(page, "sigmoid", -40)[1] == pytest.approx(4.2e-18, rel=0.02)
    assert at(page, "sigmoid", 40)[1] == 0
    for title, edge in [("tanh", 2.99), ("sigmoid", 4.58)]:
        assert at(page, title, edge)[1] >= 0.01 > at(page, title, edge + 0.01)[1]


@pytest.mark.parametrize(
    ("title", "z"), [("sigmoid", 0), ("GELU", 1.4), ("GELU", -1.5), ("ReLU", -1)]
)
def test_bars_are_as_high_as_the_powers_of_the_slope(open_figures, title, z):
    page = open_figures("activations")
    slope = at(page, title, z)[1]
    assert page.evaluate("activations.powers()") == pytest.approx(
        [slope**k for k in range(11)], rel=1e-2, abs=1e-12
    )
    bars = page.locator("#activation-bars rect").evaluate_all(
        "all => all.map((e) => ['y', 'height'].map((name) => Number(e.getAttribute(name))))"
    )
    (top, unit), *others = bars
    for k, (y, height) in enumerate(others, start=1):
        assert height == pytest.approx(abs(slope**k) * unit, rel=0.01, abs=1.01)
        base = y if slope**k < 0 else y + height
        assert base == pytest.approx(top + unit, abs=1.01)


def test_point_is_moved_by_slider_mouse_and_keys_and_the_function_chosen(open_figures):
    page = open_figures("activations")
    page.locator("#activation-slider").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("activations.state.z") == pytest.approx(1.05)
    assert page.locator("#activation-number").input_value() == "1.05"
    box = page.locator("#activation-plot").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.evaluate("activations.state.z") == pytest.approx(0, abs=0.05)
    page.get_by_label("ReLU", exact=True).check()
    type_z(page, -2)
    assert page.locator("#activation-status").inner_text() == (
        "ReLU at z = −2.000 is 0.000, with slope 0.000, saturated."
    )


def test_tangent_has_the_slope_of_the_curve(open_figures):
    page = open_figures("activations")
    type_z(page, 1.5)
    path = page.locator(".activation-tangent").get_attribute("d")
    x0, y0, x1, y1 = map(float, re.findall(r"-?[\d.]+", path))
    slope = -((y1 - y0) / 100) / ((x1 - x0) / 52)
    z = np.array([1.5])
    assert slope == pytest.approx(nnlib.sigmoid.dg(z, nnlib.sigmoid(z))[0], rel=1e-6)


def test_functions_can_be_chosen_below_a_heading_of_the_chapter_s_name(open_figures):
    heading = '<section id="activation-functions"><h2>Activation functions</h2>{}</section>'
    page = open_figures("activations", around=heading)
    assert page.locator("#live-activations input[type=radio]").count() == 7
