"""When the network that reads digits loads, and a drawing in the page's address."""

from pathlib import Path
from urllib.parse import urlsplit

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
    page.locator("#digit-drawing").hover()  # which waits until it stands still
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
    again.evaluate("digits.load()")
    again.wait_for_function("document.getElementById('digit-answer').textContent === '7'")
    assert again.evaluate("digits.input()") == drawn
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
    page.evaluate("digits.load()")
    page.wait_for_function("document.getElementById('digit-answer').textContent === 'nothing yet'")
    assert page.evaluate("digits.input()") is None


@pytest.fixture
def requests(browser, site):
    """Open a page and note the names of the files that it asks for."""
    contexts, names = [], []

    def opened(name: str):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 800}))
        page = contexts[-1].new_page()
        page.on("request", lambda request: names.append(Path(urlsplit(request.url).path).name))
        page.goto((site / name).as_uri(), wait_until="networkidle")
        return page, names

    yield opened
    for context in contexts:
        context.close()


def test_the_network_loads_when_the_figure_comes_near(requests):
    page, names = requests("notebooks/11-digit-recognition.html")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_load_state("networkidle")
    far = page.locator("#live-digits").bounding_box()["y"]
    assert abs(far) > 2000
    assert "digits_data.js" not in names
    page.locator("#live-digits").scroll_into_view_if_needed()
    page.wait_for_function("document.getElementById('digit-answer').textContent === '7'")
    assert names.count("digits_data.js") == 1


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["index.html", "book/draw-a-digit.html"])
def test_nothing_moves_when_the_network_comes(browser, site, name, width):
    context = browser.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    held = []
    context.route("**/digits_data.js*", lambda route: held.append(route))
    page = context.new_page()
    with page.expect_request("**/digits_data.js*"):
        page.goto((site / name).as_uri(), wait_until="domcontentloaded")
    page.wait_for_selector("#digit-right button")
    places = """document.fonts.ready.then(() => {
        const figure = document.getElementById("live-digits");
        const start = figure.getBoundingClientRect();
        const parts = figure.querySelectorAll("*:not(.live-bars div, .live-unseen)");
        return [figure, ...parts].map((part) => {
            const { left, top, height } = part.getBoundingClientRect();
            return [part.id || part.localName, left - start.left, top - start.top, height];
        });
    })"""
    before = page.evaluate(places)
    held[0].continue_()
    page.wait_for_function("document.getElementById('digit-answer').textContent === '7'")
    assert page.evaluate(places) == before
    context.close()


def test_what_is_drawn_before_the_network_comes_is_read_then(open_page):
    page = open_page("#ink=70,60,140,60,210,60,170,150,130,240")
    page.wait_for_function("digits.input()")
    page.wait_for_function("document.getElementById('digit-answer').textContent === '7'")


def test_a_network_that_does_not_come_is_missed_in_words(browser, site):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route("**/digits_data.js*", lambda route: route.abort())
    page = context.new_page()
    page.goto((site / "book" / "draw-a-digit.html").as_uri() + "#ink=70,60,210,60,130,240")
    page.wait_for_function(
        "document.getElementById('digit-answer').textContent === 'the network did not load'"
    )
    context.close()
