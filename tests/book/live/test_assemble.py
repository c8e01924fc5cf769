"""The backward pass from its factors, chapter 7: against nnlib's, with each of the six mistakes."""

import numpy as np
import pytest

from nnlib import (
    backward,
    forward,
    identity,
    numerical_gradient,
    pack,
    relu,
    sigmoid,
    squared_error,
    unpack,
)

NETWORKS = ("2332", "3333")
RATE, STEPS = 0.1, 100
G = [identity, sigmoid, relu, identity]
RIGHT = "scale=1/m&slope=z&dW=dZ.belowT&db=dZ.ones&dA=WT.dZ"
MISTAKES = {
    "mean": RIGHT.replace("scale=1/m", "scale=1"),
    "transpose": RIGHT.replace("dA=WT", "dA=W"),
    "slope": RIGHT.replace("slope=z", "slope=a"),
    "bias": RIGHT.replace("db=dZ.ones", "db=dZ.first"),
    "relu": RIGHT.replace("slope=z", "slope=ge"),
    "weights": RIGHT.replace("dA=WT", "dA=newT"),
}


def load(page):
    """Return W, b, X and Y of the network on the page."""
    data = page.evaluate("assemble.network()")
    none = np.zeros((0, 0))
    W = [none, *(np.array(M, dtype=float) for M in data["W"][1:])]
    b = [none, *(np.array(M, dtype=float) for M in data["b"][1:])]
    return W, b, np.array(data["X"], dtype=float), np.array(data["Y"], dtype=float)


def gradient(W, b, X, Y, mistake=None):
    """Return dW and db with one mistake, or none, of chapter 7."""
    m = X.shape[1]
    Z, A = forward(W, b, G, X)
    dA = (A[3] - Y) / (1 if mistake == "mean" else m)
    dW, db = [None] * 4, [None] * 4
    for l in (3, 2, 1):
        slope = G[l].dg(Z[l], A[l])
        if mistake == "slope":
            slope = G[l].dg(A[l], G[l](A[l]))
        if mistake == "relu" and l == 2:
            slope = (A[l] >= 0).astype(float)
        dZ = dA * slope
        dW[l] = dZ @ A[l - 1].T
        db[l] = dZ[:, :1] if mistake == "bias" else dZ.sum(axis=1, keepdims=True)
        back = {"transpose": W[l], "weights": (W[l] - RATE * dW[l]).T}.get(mistake, W[l].T)
        if l > 1:
            dA = back @ dZ
    return dW, db


def shown_gradient(page):
    result = page.evaluate(
        """() => {
            const { state, network, backward } = assemble;
            const { dW, db } = backward(state, network(), network());
            return { dW, db };
        }"""
    )
    return result["dW"], result["db"]


def verdicts(page) -> list[str]:
    """Return what is said of dW^3, db^3, dW^2, db^2, dW^1, db^1."""
    return page.locator("#assemble-rows td").all_inner_texts()


def off(ours, theirs) -> float:
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


def error(W, b, X, Y) -> float:
    return squared_error(forward(W, b, G, X)[1][3], Y)


def check_training(page, W, b, X, Y, mistake=None) -> None:
    """Hold what the page says about training against 100 steps here."""
    before = error(W, b, X, Y)
    for _ in range(STEPS):
        dW, db = gradient(W, b, X, Y, mistake)
        W = [W[0], *(W[l] - RATE * dW[l] for l in (1, 2, 3))]
        b = [b[0], *(b[l] - RATE * db[l] for l in (1, 2, 3))]
    trained = page.evaluate("assemble.train()")
    assert trained["before"] == pytest.approx(before, rel=1e-12)
    assert trained["after"] == pytest.approx(error(W, b, X, Y), rel=1e-6)
    said = page.locator("#assemble-training").inner_text()
    numbers = said.split("E goes from ")[1].rstrip(".").split(" to ")
    assert float(numbers[0]) == pytest.approx(before, rel=5.01e-3)
    assert float(numbers[1]) == pytest.approx(trained["after"], rel=5.01e-3)


@pytest.mark.parametrize("n", NETWORKS)
def test_right_formulas_give_the_gradient_of_nnlib(open_figures, n):
    page = open_figures("assemble", address=f"#n={n}&{RIGHT}")
    W, b, X, Y = load(page)
    Z, A = forward(W, b, G, X)
    dW, db = backward(W, G, Z, A, squared_error.dA(A[3], Y))
    ours = shown_gradient(page)
    for l in (1, 2, 3):
        np.testing.assert_allclose(ours[0][l], dW[l], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(ours[1][l], db[l], rtol=1e-12, atol=1e-14)
    assert verdicts(page) == ["✓ agrees"] * 6
    assert "this is the backward pass" in page.locator("#assemble-status").inner_text()
    check_training(page, W, b, X, Y)


@pytest.mark.parametrize("n", NETWORKS)
def test_differences_are_those_of_nnlib(open_figures, n):
    page = open_figures("assemble", address=f"#n={n}")
    W, b, X, Y = load(page)
    shape = tuple(page.evaluate("assemble.network().n"))
    slopes = numerical_gradient(lambda t: error(*unpack(t, shape), X, Y), pack(W, b))
    dW, db = unpack(slopes, shape)
    ours = page.evaluate("assemble.differences(assemble.network(), assemble.network())")
    for l in (1, 2, 3):
        np.testing.assert_allclose(ours["dW"][l], dW[l], rtol=1e-7, atol=1e-8)
        np.testing.assert_allclose(ours["db"][l], db[l], rtol=1e-7, atol=1e-8)
    np.testing.assert_array_equal(load(page)[0][1], W[1], "differences must leave W as it was")
    Z = forward(W, b, G, X)[0][2]
    assert np.abs(Z).min() > 0.05, "a weighted sum is close to the kink of ReLU"
    assert (Z < 0).any()
    assert (Z > 0).any()


@pytest.mark.parametrize("n", NETWORKS)
def test_each_mistake_can_be_built_and_is_caught(open_figures, go_to, n):
    page = open_figures("assemble")
    for mistake, formulas in MISTAKES.items():
        go_to(page, f"#n={n}&{formulas}")
        if mistake == "transpose" and n == "2332":
            hold_against_shapes(page)
        else:
            hold_against_mistake(page, mistake)


def hold_against_shapes(page) -> None:
    """Find the missing transpose in the shapes."""
    assert "2 × 3 times 2 × 4 does not fit" in page.locator("#assemble-dA-said").inner_text()
    assert page.locator("#assemble-status").inner_text() == "A product does not fit."
    assert verdicts(page) == ["✓ agrees"] * 2 + ["–"] * 4
    assert page.locator("#assemble-training").inner_text() == ""


def hold_against_mistake(page, mistake: str) -> None:
    """Compare everything that is shown with the mistake as it is made here."""
    W, b, X, Y = load(page)
    dW, db = gradient(W, b, X, Y, mistake)
    ours, right = shown_gradient(page), gradient(W, b, X, Y)
    names, said = [], verdicts(page)
    for l in (3, 2, 1):
        for name, mine, wrong, true in [
            ("dW", ours[0][l], dW[l], right[0][l]),
            ("db", ours[1][l], db[l], right[1][l]),
        ]:
            np.testing.assert_allclose(mine, wrong, rtol=1e-12, atol=1e-14)
            verdict = said.pop(0)
            if off(wrong, true) > 1e-6:
                names.append(f"{name}{'¹²³'[l - 1]}")
                assert float(verdict.removeprefix("✗ off by ")) == pytest.approx(
                    off(wrong, true), rel=5.01e-3
                )
            else:
                assert verdict == "✓ agrees"
    assert names
    status = page.locator("#assemble-status").inner_text()
    assert status == f"Every shape fits, and the gradient is wrong: {', '.join(names)}."
    check_training(page, W, b, X, Y, mistake)


def test_presets_are_the_six_mistakes_and_the_right_formulas(open_figures):
    page = open_figures("assemble")
    for name, address in {"right": RIGHT, **MISTAKES}.items():
        page.locator("#assemble-preset").select_option(name)
        state = page.evaluate("assemble.state")
        assert {key: state[key] for key in ("scale", "slope", "dW", "db", "dA")} == dict(
            pair.split("=") for pair in address.split("&")
        )
        assert (state["n"] == "3333") == (name in ("transpose", "slope", "bias", "relu", "weights"))
    page.locator("#assemble-preset").select_option("empty")
    assert verdicts(page) == ["–"] * 6


def test_formulas_are_put_together_with_the_keyboard(open_figures):
    page = open_figures("assemble")
    assert page.locator("#assemble-status").inner_text() == "Something is still missing."
    for name, letters in [("scale", "1/m"), ("slope", "g′(Z"), ("dW-left-choice", "dZ")]:
        page.locator(f"#assemble-{name}").focus()
        page.keyboard.type(letters)
    for name, code in [
        ("dW-right-choice", "belowT"),
        ("db-left-choice", "dZ"),
        ("db-right-choice", "ones"),
        ("dA-left-choice", "WT"),
        ("dA-right-choice", "dZ"),
    ]:
        page.locator(f"#assemble-{name}").select_option(code)
    assert verdicts(page) == ["✓ agrees"] * 6


def test_shapes_are_drawn_and_misfits_named_for_each_layer(open_figures):
    page = open_figures("assemble", address="#dW=dZ.below&dA=W.dZ&db=dZ.ones")
    shapes = {"1": ("3 × 4", "2 × 4"), "2": ("3 × 4", "3 × 4"), "3": ("2 × 4", "3 × 4")}
    for l, (left, right) in shapes.items():
        page.get_by_label(l, exact=True).check()
        assert page.locator("#assemble-dW-left-shape").inner_text() == left
        assert page.locator("#assemble-dW-right-shape").inner_text() == right
        assert (
            f"For l = {l}, {left} times {right} does not fit"
            in page.locator("#assemble-dW-said").inner_text()
        )
        box = page.locator("#assemble-dW-left-box").bounding_box()
        rows, columns = map(int, left.split(" × "))
        assert box["height"] / box["width"] == pytest.approx(rows / columns, rel=0.1)
    assert page.locator("#assemble-dA-said").inner_text() == (
        "For l = 2, 2 × 3 times 2 × 4 does not fit: 3 is not 2. For l = 1 it would fit."
    )
    page.locator("#assemble-dW-left-choice").select_option("belowT")
    page.locator("#assemble-dW-right-choice").select_option("dZ")
    assert "does not fit" in page.locator("#assemble-dW-said").inner_text()
    page.locator("#assemble-dW-left-choice").select_option("below")
    page.locator("#assemble-dW-right-choice").select_option("dZT")
    page.get_by_label("1", exact=True).check()
    assert page.locator("#assemble-dW-said").inner_text() == (
        "For l = 1, the product is 2 × 3, and must be 3 × 2. For l = 2 it would fit."
    )
