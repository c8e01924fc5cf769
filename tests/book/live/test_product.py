"""The matrix product of chapter 3, element by element: the numbers against nnlib's, and its use."""

import numpy as np

from nnlib import forward, identity, sigmoid

W1, B1 = np.log(3) * np.array([[1.0, -1], [2, 1]]), np.log(3) * np.array([[-1.0], [-3]])
X = np.array([[1.0, 1, 2], [0, 2, -1]])


def Z_of_nnlib(W, b, X):
    none = np.zeros((0, 0))
    layers = [none, W, np.array([[5.0, -2]])], [none, b, np.array([[-1.0]])]
    return forward(*layers, [identity, sigmoid, identity], X)[0]


def read(text: str) -> float:
    return float(text.replace("−", "-"))


def shown(page) -> np.ndarray:
    rows = page.locator("[data-name=Z] tr").all()
    return np.array(
        [[read(text) for text in row.locator("button").all_inner_texts()] for row in rows]
    )


def chosen(page, name: str) -> list[tuple[int, int]]:
    """Return the places of the marked elements of a matrix."""
    marked = page.locator(f"[data-name={name}] td.product-chosen").evaluate_all(
        "all => all.map(e => [e.parentElement.rowIndex + 1, e.cellIndex + 1])"
    )
    return [tuple(place) for place in marked]


def said(page, name: str) -> str:
    return page.locator(f"#product-{name}").inner_text()


def test_products_are_those_of_nnlib(open_figures):
    page = open_figures("product")
    Z = Z_of_nnlib(W1, B1, X)
    for l in (1, 2):
        np.testing.assert_allclose(page.evaluate(f"product.Z({l})"), Z[l], rtol=0, atol=1e-14)
    np.testing.assert_allclose(shown(page) * np.log(3), Z[1], atol=1e-12)
    page.get_by_label("2, the output").check()
    np.testing.assert_allclose(shown(page), Z[2], atol=1e-12)


def test_products_of_other_numbers_are_those_of_nnlib(open_figures, go_to):
    rng = np.random.default_rng(0)
    page = open_figures("product")
    for _ in range(5):
        W, b, X = (rng.integers(-3, 4, size=shape) for shape in ((2, 2), (2, 1), (2, 3)))
        named = zip("WbX", (W, b, X), strict=True)
        lists = [f"{name}={','.join(map(str, M.ravel()))}" for name, M in named]
        go_to(page, f"#{'&'.join(lists)}")
        Z = Z_of_nnlib(np.log(3) * W, np.log(3) * b, X.astype(float))
        for l in (1, 2):
            np.testing.assert_allclose(page.evaluate(f"product.Z({l})"), Z[l], rtol=0, atol=1e-12)
        np.testing.assert_allclose(shown(page), W @ X + b, atol=1e-12)


def test_steps_go_through_all_elements_column_by_column(open_figures):
    page = open_figures("product")
    seen = []
    for _ in range(6):
        (place,) = chosen(page, "Z")
        i, c = place
        seen.append(place)
        assert chosen(page, "W") == [(i, 1), (i, 2)]
        assert chosen(page, "A") == [(1, c), (2, c)]
        assert chosen(page, "b") == [(i, 1)]
        page.locator("#product-next").click()
    assert seen == [(1, 1), (2, 1), (1, 2), (2, 2), (1, 3), (2, 3)]
    assert chosen(page, "Z") == [(1, 1)]
    page.locator("#product-back").click()
    assert chosen(page, "Z") == [(2, 3)]


def test_the_sum_is_written_out_with_its_numbers(open_figures):
    page = open_figures("product", address="#element=1,2")
    assert said(page, "sum") == (
        "z₁₂ = W₁₁ a₁₂ + W₁₂ a₂₂ + b₁ = ln 3 · (1 · 1 + (−1) · 2 + (−1)) = −2 ln 3 = −2.197"
    )
    page.get_by_label("2, the output").check()
    assert said(page, "sum") == "z₁₂ = W₁₁ a₁₂ + W₁₂ a₂₂ + b₁ = 5 · 0.1 + (−2) · 0.75 + (−1) = −2"


def test_a_column_of_Z_depends_on_that_column_of_A_alone(open_figures):
    page = open_figures("product")
    for c in (1, 2, 3):
        before = shown(page)
        page.get_by_label(f"A row 2, column {c}", exact=True).fill("3")
        changed = (shown(page) != before).any(axis=0)
        assert changed.tolist() == [k == c for k in (1, 2, 3)]
        assert f"elements in column {c}. Nothing changed in columns" in said(page, "status")
        marks = page.locator("td.product-changed").evaluate_all("all => all.map(e => e.cellIndex)")
        assert set(marks) == {c - 1}
        page.locator("#product-reset").click()
    page.get_by_label("W row 2, column 2", exact=True).fill("4")
    assert said(page, "status") == (
        "Changed in Z¹: elements in columns 2 and 3. Nothing changed in column 1."
    ), "x₂₁ is 0, so that W₂₂ does not matter in column 1"


def test_elements_are_chosen_by_pointing_and_by_keyboard(open_figures):
    page = open_figures("product")
    page.get_by_role("button", name="Z row 2, column 3").hover()
    assert chosen(page, "Z") == [(2, 3)]
    page.get_by_role("button", name="Z row 1, column 1").focus()
    assert chosen(page, "Z") == [(1, 1)]
    page.keyboard.press("Tab")
    assert chosen(page, "Z") == [(1, 2)]
    pressed = page.locator("[data-name=Z] button[aria-pressed=true]")
    assert pressed.get_attribute("aria-label") == "Z row 1, column 2: −2"


def test_an_empty_field_changes_nothing(open_figures):
    page = open_figures("product")
    page.get_by_label("A row 1, column 1", exact=True).fill("")
    np.testing.assert_allclose(shown(page), [[0, -2, 2], [-1, 1, 0]])


def test_play_steps_and_is_gone_where_motion_is_reduced(open_figures):
    page = open_figures("product")
    page.locator("#product-play").click()
    assert chosen(page, "Z") == [(2, 1)]
    page.wait_for_function("product.state.element[1] === 2")
    page.locator("#product-play").click()
    assert page.locator("#product-play").inner_text() == "Play"
    still = open_figures("product", reduced_motion="reduce")
    assert still.locator("#product-play").is_hidden()
