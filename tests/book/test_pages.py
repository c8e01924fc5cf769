"""The rendered pages in a real browser: at home offline, accessible, never wider than a screen.

Each page is opened once from its folder, as a reader without a server would open it, and then
looked at in light and dark, on a desk and on a phone.
"""

import functools
import http.server
import importlib.resources
import os
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if not {"_static", "lite"} & set(path.relative_to(SITE).parts)
    and path.name != "404.html"
    and path != SITE / "index.html"  # which leads to the cover
)
LOOKS = [(width, scheme) for width in (1280, 360) for scheme in ("light", "dark")]
# The rules of axe whose answer depends on colors or widths. All others see one page in every look.
OF_COLORS = ["color-contrast", "link-in-text-block"]
OF_WIDTHS = ["scrollable-region-focusable", "target-size"]
# What observes sizes runs after the layout of a frame, and may change that of the next one.
TWO_FRAMES = "() => new Promise((end) => requestAnimationFrame(() => requestAnimationFrame(end)))"
READY = "async () => { await document.fonts.ready; }"
# Most elements are parts of formulas and words of code. A space of its size stands for a formula,
# and one word of each color for all in that color.
SAMPLE = """() => {
    const formulas = [...document.querySelectorAll("mjx-math")];
    const boxes = formulas.map((formula) => formula.getBoundingClientRect());
    formulas.forEach((formula, k) => {
        const { width, height } = boxes[k];
        const space = document.createElement("span");
        space.style.cssText = `display: inline-block; width: ${width}px; height: ${height}px`;
        formula.parentElement.replaceChildren(space);
    });
    const seen = new Set();
    for (const word of document.querySelectorAll(".highlight pre span")) {
        const kind = `${word.closest("[class*='highlight-']")?.className} ${word.className}`;
        if (seen.has(kind)) word.replaceWith(...word.childNodes);
        seen.add(kind);
    }
}"""
# For contrast, axe looks at each piece of text by itself. One stands for all of its color, size,
# weight and background, and of its parent's color, which matters for links.
MARK = """scheme => {
    const text = "[data-look]";
    document.querySelectorAll(text).forEach((element) => element.removeAttribute("data-look"));
    const behind = (element) => {
        if (!element) return scheme;
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
        return [backgroundColor, backgroundImage, opacity, behind(element.parentElement)].join();
    };
    window.looks ??= new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const isSeen = element.checkVisibility({ visibilityProperty: true });
        if (!walker.currentNode.data.trim() || !isSeen) continue;
        const { color, fontSize, fontWeight } = getComputedStyle(element);
        const around = getComputedStyle(element.parentElement).color;
        const look = [color, fontSize, fontWeight, around, behind(element)].join();
        if (!looks.has(look)) element.dataset.look = "";
        looks.add(look);
    }
    return document.querySelectorAll(text).length;
}"""
# How far what was painted moved afterwards.
SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
"""
# The theme's colors change gradually.
END_TRANSITIONS = "document.getAnimations().forEach(animation => animation.finish())"

pytestmark = pytest.mark.skipif(not PAGES, reason="the book is not built: run make book first")


def test_browser_that_chromium_names_starts(request):
    """So that the tests that need one do not all skip where one was asked for."""
    if "CHROMIUM" in os.environ:
        try:
            request.getfixturevalue("browser")
        except pytest.skip.Exception as skipped:
            pytest.fail(f"CHROMIUM is {os.environ['CHROMIUM']!r}: {skipped}")


def resize(page, width: int) -> None:
    """Resize the window, and wait until its observers have seen the page in its new width."""
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function("width => innerWidth == width", arg=width)
    page.evaluate(TWO_FRAMES)


class Opened:
    """A page in the browser, with all that it asked for and complained of."""

    def __init__(self, browser, address: str, **options: object) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 900}, **options)
        self.page.set_default_timeout(120_000)  # a busy machine is slow
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self.listen)
        self.page.goto(address)
        self.page.evaluate(READY)

    def listen(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def hosts(self) -> set[str]:
        """Return the hosts that were asked for anything; files and data have none."""
        return {urlsplit(url).netloc for url in self.requests} - {""}


@pytest.fixture(scope="module", params=PAGES)
def opened(request: pytest.FixtureRequest, browser):
    opened = Opened(browser, (SITE / request.param).as_uri())
    yield opened
    opened.page.close()


def test_page_asks_no_other_host_and_does_not_complain(opened):
    assert len(opened.requests) > 10
    assert opened.hosts() == set()
    assert opened.complaints == []


@pytest.mark.parametrize("width", [320, 360, 768, 1024, 1280, 1920])
def test_page_does_not_scroll_sideways(opened, width):
    resize(opened.page, width)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_tabs_are_read_with_the_keyboard_alone(browser):
    opened = Opened(browser, (SITE / "book/frameworks.html").as_uri())
    opened.page.locator(".sd-tab-set > input").first.focus()
    labels = opened.page.locator(".sd-tab-label").all_inner_texts()
    shown = opened.page.locator(".sd-tab-content:visible pre")
    assert labels == ["nnlib", "scikit-learn", "PyTorch", "Keras", "JAX"]
    for label in labels:
        assert f"The network in {label}" in shown.inner_text()
        opened.page.keyboard.press("ArrowRight")
    assert "The network in nnlib" in shown.inner_text()
    opened.page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", ["notebooks/02-the-model", "book/draw-a-digit"])
def test_buttons_show_that_they_have_the_focus(browser, name, width):
    opened = Opened(browser, (SITE / f"{name}.html").as_uri())
    resize(opened.page, width)
    unseen = opened.page.evaluate(
        """() => [...document.querySelectorAll("button, summary, .btn")].filter((button) => {
            button.focus({ focusVisible: true });
            const { outlineStyle, outlineWidth } = getComputedStyle(button);
            const isSeen = outlineStyle != "none" && parseFloat(outlineWidth) >= 2;
            return document.activeElement == button && !isSeen;
        }).map((button) => button.outerHTML)"""
    )
    assert unseen == []
    opened.page.close()


FIGURES_OUTSIDE = """() => {
    const scrolls = (box) => box.scrollWidth > box.clientWidth + 1;
    const cuts = (box) =>
        getComputedStyle(box).maskImage != "none" ||
        (getComputedStyle(box).overflowX != "visible" && scrolls(box));
    const images = [...document.querySelectorAll("article :is(figure, .cell_output) img")];
    return images.filter((image) => {
        const { left, right } = image.getBoundingClientRect();
        const boxes = [image.parentElement, image.closest("figure, .cell_output")];
        return left < 0 || right > innerWidth || boxes.some(cuts);
    }).map((image) => [image.src, image.getBoundingClientRect().right, innerWidth]);
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_figures_are_whole(opened, width):
    """Never wider than the screen, nor behind anything that fades or cuts them."""
    resize(opened.page, width)
    for _ in range(20):  # on a busy machine, what fades a box takes its time to notice a new width
        outside = opened.page.evaluate(FIGURES_OUTSIDE)
        if not outside:
            break
        opened.page.wait_for_timeout(100)
    assert outside == []


def test_on_a_phone_the_number_of_a_long_formula_stands_below_it(browser):
    opened = Opened(browser, (SITE / "notebooks/06-back-propagation-derivation.html").as_uri())
    resize(opened.page, 390)
    places = opened.page.evaluate(
        """() => [...document.querySelectorAll("div.math:has(> .eqno)")].map((div) => {
            const [number, formula] = [...div.children].map((part) => part.getBoundingClientRect());
            return [formula.right - number.left, number.top - formula.bottom];
        })"""
    )
    assert any(below >= 0 for _, below in places)
    assert [place for place in places if place[0] > 1 and place[1] < -1] == []
    opened.page.close()


def test_on_wide_screens_notes_stand_beside_the_text(browser):
    """Each beside the paragraph above it, neither on the text nor outside the page."""
    opened = Opened(browser, (SITE / "notebooks/10-linear-regression.html").as_uri())
    resize(opened.page, 1600)
    places = opened.page.evaluate(
        """() => [...document.querySelectorAll(".by-the-way")].map((note) => {
            const [text, beside] = [note.previousElementSibling, note].map((part) =>
                part.getBoundingClientRect());
            const contents = document.querySelector(".bd-sidebar-secondary");
            return [beside.left - text.right, text.bottom - beside.top,
                contents.getBoundingClientRect().left - beside.right];
        })"""
    )
    assert places
    assert all(min(place) > 0 for place in places)
    opened.page.close()


@pytest.mark.parametrize(("name", "column"), [("01-preface", 3), ("frameworks", 1)])
def test_on_a_phone_tables_show_captions_and_columns_whole(browser, name, column):
    opened = Opened(browser, (SITE / f"book/{name}.html").as_uri())
    resize(opened.page, 390)
    heads = f"th:nth-child({column}), caption > .caption-text"
    outside = opened.page.evaluate(
        """heads => [...document.querySelectorAll("article table")]
            .flatMap((table) => [...table.querySelectorAll(heads)])
            .filter((head) => head.getBoundingClientRect().right > innerWidth)
            .map((head) => head.innerText)""",
        heads,
    )
    assert outside == []
    opened.page.close()


def test_what_one_clicks_on_is_not_printed(browser):
    opened = Opened(browser, (SITE / "notebooks/02-the-model.html").as_uri())
    opened.page.emulate_media(media="print")
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    text = opened.page.evaluate("document.body.innerText")
    assert "Summary" in text
    assert "Contents" not in text
    assert "code cell source" not in text
    assert not opened.page.locator(".copybtn").first.is_visible()
    opened.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_visit_has_its_colors_before_the_scripts_come(browser, scheme):
    """With an empty profile, and scripts that never come: what is painted meanwhile."""
    page = browser.new_page(color_scheme=scheme)
    page.route("**/*.js*", lambda route: route.abort())
    page.goto((SITE / "notebooks/02-the-model.html").as_uri())
    read = "name => getComputedStyle(document.documentElement).getPropertyValue(name)"
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate(read, "--book-tint") == {"light": "#f5f7f9", "dark": "#1c2228"}[scheme]
    color = page.evaluate("getComputedStyle(document.body).color")
    assert color == {"light": "rgb(34, 40, 50)", "dark": "rgb(206, 214, 221)"}[scheme]
    page.close()


@pytest.mark.parametrize(
    "name", ["02-the-model", "05-gradient-descent", "06-back-propagation-derivation"]
)
def test_nothing_moves_on_the_first_visit(browser, server, name):
    """On a phone with a slow connection: formulas, fonts, pictures and scripts come one by one.

    Chapter 2 begins with a picture, chapter 5 with a live figure.
    """
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    line = {"offline": False, "latency": 100, "downloadThroughput": 2e5, "uploadThroughput": 1e5}
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
    page.add_init_script(SHIFTS)
    page.goto(f"http://{server}/notebooks/{name}.html")
    page.evaluate(READY)
    page.wait_for_timeout(500)
    assert page.evaluate("shifted") < 0.01
    context.close()


@pytest.fixture(scope="module")
def axe() -> str:
    return (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def test_page_is_accessible(opened, axe):
    """By the rules that find the same in every look: they read the formulas' MathML."""
    opened.page.evaluate(axe)
    options = {"rules": {rule: {"enabled": False} for rule in OF_COLORS + OF_WIDTHS}}
    assert violations(opened.page, options) == []


@pytest.fixture(scope="module")
def sample(opened, axe):
    """The page with less text of the same looks: the last that is done to it."""
    opened.page.evaluate(axe)
    opened.page.evaluate(SAMPLE)
    return opened.page


@pytest.mark.parametrize("width", [1280, 360])
def test_page_is_accessible_in_every_width(sample, width):
    resize(sample, width)
    assert violations(sample, {"runOnly": OF_WIDTHS}) == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_page_is_accessible_in_every_look(sample, width, scheme):
    """Wherever a page shows colors that it did not show in the looks before."""
    resize(sample, width)
    sample.emulate_media(color_scheme=scheme)
    sample.wait_for_function("theme => document.documentElement.dataset.theme == theme", arg=scheme)
    sample.evaluate(END_TRANSITIONS)
    if sample.evaluate(MARK, scheme):
        assert violations(sample, {"runOnly": OF_COLORS}, "[data-look]") == []


def violations(
    page, options: dict | None = None, where: str = "html"
) -> list[tuple[str, list, str]]:
    """Return what axe finds on the page: the rule, the place and the element."""
    options = {"resultTypes": ["violations"], **(options or {})}
    result = page.evaluate("([where, options]) => axe.run(where, options)", [where, options])
    assert len(result["passes"]) > (0 if "runOnly" in options else 10)
    return [
        (violation["id"], node["target"], node["html"][:200])
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_page_is_accessible_by_all_rules_in_every_look(browser, axe, width, scheme):
    """With the glyphs of its formulas, and with what every page shows on phones only."""
    opened = Opened(browser, (SITE / "book/notation.html").as_uri(), color_scheme=scheme)
    resize(opened.page, width)
    opened.page.evaluate(axe)
    assert opened.page.locator("mjx-math > *").count() > 50
    assert violations(opened.page) == []
    opened.page.close()


def test_axe_finds_what_is_wrong(browser, axe):
    page = browser.new_page()
    page.set_content("<html lang=en><title>A page</title><main><h1>A</h1><img src='data:,'></main>")
    page.evaluate(axe)
    (violation,) = page.evaluate("axe.run(document)")["violations"]
    assert violation["id"] == "image-alt"
    page.close()


# Offline, and on a server


@pytest.fixture(scope="module")
def server():
    """Serve the site at an address on this machine."""
    handler = functools.partial(QuietHandler, directory=SITE)
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"localhost:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


def test_the_folder_opens_at_the_cover(browser):
    page = browser.new_page()
    page.goto((SITE / "index.html").as_uri())
    page.wait_for_url((SITE / "book" / "index.html").as_uri())
    page.close()


@pytest.mark.parametrize("page", ["book/index.html", "notebooks/05-gradient-descent.html"])
def test_a_served_page_asks_only_its_server(browser, server, page):
    opened = Opened(browser, f"http://{server}/{page}")
    assert opened.hosts() == {server}
    assert opened.complaints == []
    opened.page.close()


def test_search_finds_a_word_without_a_server(browser):
    opened = Opened(browser, f"{(SITE / 'search.html').as_uri()}?q=saturation")
    link = opened.page.locator("#search-results li a").first
    link.click()
    opened.page.wait_for_url("**/notebooks/08-activation-functions.html*")
    assert "saturat" in opened.page.inner_text("article").lower()
    assert opened.hosts() == set()
    opened.page.close()


@pytest.mark.parametrize(
    ("query", "pages"),
    [
        ("backpropagation", ["06-back-propagation-derivation", "07-back-propagation-matrix-style"]),
        ("vanishing gradient", ["08-activation-functions"]),
        ("learning rate", ["05-gradient-descent"]),
    ],
)
def test_search_leads_to_the_chapter(browser, query, pages):
    opened = Opened(browser, f"{(SITE / 'search.html').as_uri()}?q={query}")
    opened.page.locator("#search-results li a").first.wait_for()
    opened.page.wait_for_timeout(500)
    links = opened.page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
    for page in pages:
        assert any(page in link for link in links[:4]), links[:4]
    opened.page.close()


def test_search_quotes_no_tex(browser, server):
    opened = Opened(browser, f"http://{server}/search.html?q=derivative")
    opened.page.locator("#search-results p.context").first.wait_for()
    quoted = " ".join(opened.page.locator("#search-results p.context").all_inner_texts())
    assert len(quoted) > 200
    assert "\\" not in quoted
    opened.page.close()


def test_a_link_to_an_equation_or_a_term_shows_what_it_leads_to(browser):
    opened = Opened(browser, (SITE / "notebooks/06-back-propagation-derivation.html").as_uri())
    box = opened.page.locator("#preview")
    assert not any("previews_data" in url for url in opened.requests)
    for kind in ("equation", "term"):
        link = opened.page.locator(f"article a.reference[href*='#{kind}-']").first
        link.focus()
        box.wait_for()
        assert link.get_attribute("aria-describedby") == "preview"
        assert box.locator("mjx-math").count() if kind == "equation" else box.inner_text()
        opened.page.keyboard.press("Escape")
        assert box.is_hidden()
    link.hover()
    box.wait_for()
    assert opened.complaints == []
    opened.page.close()


def test_the_first_tap_shows_and_the_second_follows(browser):
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto((SITE / "notebooks/07-back-propagation-matrix-style.html").as_uri())
    link = page.locator(
        "article a.reference[href*='06-back-propagation-derivation.html#equation-']"
    )
    link.first.tap()
    page.locator("#preview mjx-math").first.wait_for()
    assert "07-back" in page.url
    link.first.tap()
    page.wait_for_url("**/06-back-propagation-derivation.html#equation-*")
    context.close()


def test_a_page_without_javascript_shows_its_text(browser):
    page = browser.new_page(java_script_enabled=False)
    page.goto((SITE / "notebooks/02-the-model.html").as_uri())
    assert page.locator("article h1").inner_text().startswith("2. The model")
    assert page.locator("article figure img").count() > 1
    page.close()
