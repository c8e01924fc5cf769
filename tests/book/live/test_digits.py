"""A drawing in the address of the page that reads digits."""

import numpy as np
import pytest


@pytest.fixture
def open_page(browser, site):
    contexts = []

    def opened(address: str = ""):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.goto((site / "book" / "draw-a-digit.html").as_uri() + address)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_a_drawing_travels_in_the_address(open_page):
    page = open_page()
    page.locator("#digit-drawing").scroll_into_view_if_needed()
    box = page.locator("#digit-drawing").bounding_box()
    places = np.array([[70, 60], [210, 60], [130, 240]]) * box["width"] / 280
    page.mouse.move(box["x"] + places[0, 0], box["y"] + places[0, 1])
    page.mouse.down()
    for x, y in places[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=5)
    page.mouse.up()
    page.wait_for_function("location.hash.startsWith('#ink=')")
    drawn, address = page.evaluate("[digits.input(), location.hash]")
    assert len(address) < 120
    again = open_page(address)
    again.wait_for_function("digits.input()")
    assert again.evaluate("digits.input()") == drawn
    assert again.locator("#digit-answer").inner_text() == "7"
    again.locator("#digit-clear").click()
    again.wait_for_function("location.hash === ''")


def test_a_test_image_is_shown_by_its_index(open_page):
    page = open_page()
    page.locator("#digit-wrong button").first.click()
    page.wait_for_function("location.hash.startsWith('#image=')")
    shown, address = page.evaluate("[digits.input(), location.hash]")
    again = open_page(address)
    again.wait_for_function("digits.input()")
    assert again.evaluate("digits.input()") == shown


def test_nonsense_draws_nothing(open_page):
    page = open_page("#ink=1,2,x;9999,3;;5&image=-7")
    page.wait_for_function("document.getElementById('digit-answer').textContent === 'nothing yet'")
    assert page.evaluate("digits.input()") is None
