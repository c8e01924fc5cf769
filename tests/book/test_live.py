"""The live figures in Chromium: their numbers against nnlib's, and every way to work them."""

import re
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import nnlib
from nnlib import (
    Network,
    gradient_descent,
    identity,
    load_mnist,
    momentum,
    relu,
    softmax,
    softmax_cross_entropy,
)
from scripts.pictures import DESCRIPTIONS

FIGURES = {
    "draw-a-digit": "digits",
    "walk-downhill": "descent",
    "activation-slopes": "activations",
}


@pytest.fixture
def open_page(browser, site):
    """Open a page, and hold it to asking no other host and reporting no error."""
    contexts, faults = [], []

    def note_request(request):
        if not request.url.startswith(("file:", "data:")):
            faults.append(request.url)

    def note_message(message):
        if message.type == "error":
            faults.append(message.text)

    def opened(name: str, **options):
        contexts.append(
            browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        )
        contexts[-1].set_default_timeout(120_000)  # a busy machine is slow
        page = contexts[-1].new_page()
        page.on("request", note_request)
        page.on("console", note_message)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto((site / "book" / f"{name}.html").as_uri())
        if name == "draw-a-digit" and options.get("java_script_enabled", True):
            page.evaluate("digits.load()")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def settle(page) -> None:
    """Wait until what has been asked for is drawn."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


# Where they are


@pytest.mark.parametrize("name", FIGURES)
def test_live_figure_takes_the_place_of_the_static_one(open_page, name):
    page = open_page(name)
    assert page.locator(f"#live-{FIGURES[name]}").is_visible()
    assert not page.locator("figure.live-static").is_visible()


@pytest.mark.parametrize("name", FIGURES)
def test_static_figure_shows_without_scripts(open_page, name):
    page = open_page(name, java_script_enabled=False)
    assert page.locator("figure.live-static img").is_visible()
    assert not page.locator(f"#live-{FIGURES[name]}").is_visible()


def test_scripts_load_only_where_their_figures_are(site):
    placed = {}
    for path in site.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        loaded = set(re.findall(r'src="[^"]*live/(\w+)\.js', page))
        figures = set(re.findall(r'class="live" id="live-(\w+)"', page))
        assert loaded == figures | ({"live"} if figures else set()), path
        placed[path.stem] = figures
    assert {name: placed[name] for name in FIGURES} == {n: {f} for n, f in FIGURES.items()}


RIGHT_END = "e => { e.value = e.max; e.dispatchEvent(new Event('input')); }"


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("name", FIGURES)
def test_page_does_not_scroll_sideways(open_page, name, width):
    page = open_page(name, viewport={"width": width, "height": 700})
    if name == "walk-downhill":
        page.locator("#descent-rate").evaluate(RIGHT_END)
        page.locator("#descent-ten").click()
    if name == "activation-slopes":
        page.locator("#activation-number").fill("-40")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    parts = f"#live-{FIGURES[name]} :is(canvas, svg, button, input)"
    for box in page.locator(parts).evaluate_all("all => all.map(e => e.getBoundingClientRect())"):
        assert box["left"] >= 0
        assert box["right"] <= width


@pytest.mark.parametrize("name", FIGURES)
def test_every_control_has_a_name(open_page, name):
    page = open_page(name)
    controls = page.locator(f"#live-{FIGURES[name]} :is(button, input, [role], [tabindex])")
    for k in range(controls.count()):
        named = controls.nth(k).aria_snapshot()
        assert controls.nth(k).is_hidden() or re.search(r'"[^"]+"|: .+', named), named


def test_texts_of_pictures_are_those_that_the_script_makes(root):
    for name, describe in DESCRIPTIONS.items():
        page = (root / "book" / f"{name}.md").read_text(encoding="utf-8")
        assert f":alt: {describe()}\n" in page
        assert f"images/{name}.svg" in page


# Draw a digit


@pytest.fixture(scope="module")
def mnist(root):
    return load_mnist(root / "notebooks" / "data" / "mnist", dtype=np.float32)


@pytest.fixture
def live(root, load_module):
    return load_module(root / "book" / "extensions" / "live.py")


@pytest.fixture
def answer(root, live):
    """Return chapter 11's network as a function of inputs: their outputs and softmax."""
    network = Network((784, 300, 10), (relu, identity), softmax_cross_entropy)
    theta = network.load(root / "notebooks" / "data" / "digit_reader.npz")
    theta = live.rounded(theta, network.n)

    def outputs(X):
        A = network(theta, X.astype(np.float32))
        return A, softmax(A)

    return outputs


def test_outputs_of_the_page_are_those_of_nnlib(open_page, mnist, answer):
    X = mnist.X_test[:, ::100]
    assert X.shape == (784, 100)
    page = open_page("draw-a-digit")
    results = page.evaluate("images => images.map(digits.read)", X.T.astype(float).tolist())
    A, S = answer(X)
    np.testing.assert_allclose(np.transpose([r["a2"] for r in results]), A, rtol=0, atol=1e-4)
    np.testing.assert_allclose(np.transpose([r["S"] for r in results]), S, rtol=0, atol=1e-4)


def centered(ink: np.ndarray) -> np.ndarray:
    """Prepare a drawing by the rules of MNIST, by matrices of overlaps and exact fractions."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    longest = max(box.shape)
    cells = [max(1, int(20 * length / longest + 0.5)) for length in box.shape]
    small = overlaps(box.shape[0], cells[0]) @ box @ overlaps(box.shape[1], cells[1]).T
    place = [np.average(np.arange(k) + 0.5, weights=small.sum(1 - i)) for i, k in enumerate(cells)]
    top, left = [
        int(np.clip(np.ceil(14 - c), 0, 28 - k)) for c, k in zip(place, cells, strict=True)
    ]
    image = np.zeros((28, 28))
    image[top : top + cells[0], left : left + cells[1]] = small
    return image


def overlaps(length: int, cells: int) -> np.ndarray:
    """Return the share of each of `length` pixels in the mean over each of `cells`."""
    width = Fraction(length, cells)
    return np.array(
        [
            [
                float(max(0, min((i + 1) * width, x + 1) - max(i * width, x)) / width)
                for x in range(length)
            ]
            for i in range(cells)
        ]
    )


def test_every_test_image_is_centered_as_the_page_centers(mnist):
    images = mnist.X_test.T.reshape(-1, 28, 28).astype(float)
    mass, places = images.sum(axis=(1, 2)), np.arange(28) + 0.5
    for axis in (1, 2):
        centers = images.sum(axis=axis) @ places / mass
        assert centers.min() >= 14
        assert centers.max() < 15


ONE = [[(140, 40), (140, 240)]]
SEVEN = [[(70, 60), (210, 60), (130, 240)]]
TINY_SEVEN = [[(20, 20), (60, 20), (35, 70)]]
PLUS = [[(60, 140), (220, 140)], [(140, 60), (140, 220)]]
FOUR = [[(90, 50), (90, 150), (200, 150)], [(190, 50), (190, 240)]]
ZERO = [[(140 + 70 * np.sin(t), 140 - 100 * np.cos(t)) for t in np.linspace(0, 2 * np.pi, 30)]]
DOT = [[(140, 140)]]


def draw(page, strokes) -> None:
    """Draw with the mouse, in pixels of the drawing, which is 280 wide."""
    page.locator("#digit-drawing").hover()
    box = page.locator("#digit-drawing").bounding_box()
    scale = box["width"] / 280
    for stroke in strokes:
        places = [(box["x"] + scale * x, box["y"] + scale * y) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()
    settle(page)


def said(page) -> str:
    return page.locator("#digit-answer").inner_text()


def S_of(page, digit: int) -> float:
    return page.evaluate("i => digits.read(digits.input()).S[i]", digit)


@pytest.mark.parametrize(("strokes", "digit"), [(ZERO, 0), (ONE, 1), (FOUR, 4), (SEVEN, 7)])
def test_digits_drawn_with_the_mouse_are_read(open_page, strokes, digit):
    page = open_page("draw-a-digit")
    draw(page, strokes)
    assert said(page) == str(digit)
    row = page.locator("#digit-outputs tr").nth(digit)
    assert row.get_attribute("class") == "live-chosen"
    assert float(row.locator("td").first.inner_text()) > 0.8


@pytest.mark.parametrize("strokes", [ONE, SEVEN, TINY_SEVEN, PLUS, ZERO, DOT])
def test_drawing_is_scaled_and_centered_as_the_images_of_mnist(open_page, strokes, answer):
    page = open_page("draw-a-digit")
    draw(page, strokes)
    ink = np.array(page.evaluate("digits.ink()"))
    pixels = np.array(page.evaluate("digits.input()")).reshape(28, 28)
    assert ink.shape == (280, 280)
    np.testing.assert_allclose(pixels, centered(ink), rtol=0, atol=1e-12)
    inked = [np.flatnonzero(pixels.any(axis=axis)) for axis in (0, 1)]
    assert max(np.ptp(places) + 1 for places in inked) == 20
    _, S = answer(pixels.reshape(784, 1))
    assert said(page) == str(S.argmax())


def test_what_the_page_says_to_try_happens(open_page):
    page = open_page("draw-a-digit")
    draw(page, FOUR)
    assert said(page) == "4"
    draw(page, [[(90, 50), (190, 50)]])
    assert said(page) == "9"
    page.locator("#digit-clear").click()
    draw(page, ONE)
    draw(page, [[(60, 40), (140, 40)]])
    assert said(page) == "7"
    large, small = [], []
    for strokes, seen in ((SEVEN, large), (TINY_SEVEN, small)):
        page.locator("#digit-clear").click()
        draw(page, strokes)
        assert said(page) == "7"
        seen += [S_of(page, 7), sum(page.evaluate("digits.input()"))]
    assert small[0] < large[0]
    assert small[1] > 1.5 * large[1]
    page.locator("#digit-clear").click()
    draw(page, PLUS)
    assert said(page) == "4"
    assert S_of(page, 4) > 0.7


def test_a_digit_is_drawn_with_the_keyboard(open_page):
    page = open_page("draw-a-digit")
    page.locator("#digit-drawing").focus()
    for key, times in [("ArrowUp", 9), ("ArrowLeft", 6), (" ", 1), ("ArrowRight", 13)]:
        for _ in range(times):
            page.keyboard.press(key)
    for _ in range(9):
        page.keyboard.press("End")
        page.keyboard.press("ArrowDown")
    settle(page)
    assert said(page) == "7"
    page.keyboard.press(" ")
    before = page.evaluate("digits.input()")
    page.keyboard.press("ArrowLeft")
    settle(page)
    assert page.evaluate("digits.input()") == before, "a lifted pen must not draw"
    page.keyboard.press("Escape")
    settle(page)
    assert said(page) == "nothing yet"
    assert page.evaluate("digits.input()") is None


def test_keyboard_leaves_the_drawing_and_its_other_keys_alone(open_page):
    page = open_page("draw-a-digit")
    page.locator("#digit-drawing").focus()
    scrolled = page.evaluate("scrollY")
    page.keyboard.press("PageDown")
    settle(page)
    assert page.evaluate("scrollY") == scrolled
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "digit-clear"


def test_a_digit_is_drawn_with_a_finger(open_page):
    page = open_page("draw-a-digit", viewport={"width": 360, "height": 740}, has_touch=True)
    page.locator("#digit-drawing").hover()
    box = page.locator("#digit-drawing").bounding_box()
    scale, scrolled = box["width"] / 280, page.evaluate("scrollY")
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        places = [{"x": box["x"] + scale * x, "y": box["y"] + scale * y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    for start, end in [((70, 60), (210, 60)), ((210, 60), (130, 240))]:
        touch("touchStart", start)
        for t in np.linspace(0, 1, 8)[1:]:
            touch("touchMove", tuple(np.add(start, t * np.subtract(end, start)).tolist()))
        touch("touchEnd")
    settle(page)
    assert said(page) == "7"
    assert page.evaluate("scrollY") == scrolled
    touched = "getComputedStyle(document.getElementById('digit-drawing')).touchAction"
    assert page.evaluate(touched) == "none", "or a finger scrolls the page"


def test_clear_forgets_the_drawing(open_page):
    page = open_page("draw-a-digit")
    draw(page, SEVEN)
    page.locator("#digit-clear").click()
    settle(page)
    assert said(page) == "nothing yet"
    assert not np.any(page.evaluate("digits.ink()"))
    assert page.locator("#digit-outputs td").first.inner_text() == ""


def test_test_images_are_shown_and_read_as_the_buttons_say(open_page, mnist, answer):
    page = open_page("draw-a-digit")
    for group, count, is_right in [("right", 10, True), ("wrong", 6, False)]:
        buttons = page.locator(f"#digit-{group} button")
        assert buttons.count() == count
        for k in range(count):
            buttons.nth(k).click()
            settle(page)
            c = int(re.search(r"\d+$", buttons.nth(k).get_attribute("aria-label"))[0])
            np.testing.assert_allclose(
                page.evaluate("digits.input()"), mnist.X_test[:, c], atol=1e-7
            )
            read = int(answer(mnist.X_test[:, c : c + 1])[1].argmax())
            assert said(page) == str(read)
            assert (read == mnist.labels_test[c]) == is_right
            assert buttons.nth(k).inner_text().startswith(str(mnist.labels_test[c]))
    draw(page, ONE)
    assert said(page) == "1"


def test_rounded_weights_change_no_answer(root, live, mnist):
    network = Network((784, 300, 10), (relu, identity), softmax_cross_entropy)
    theta = network.load(root / "notebooks" / "data" / "digit_reader.npz")
    S = softmax(network(theta, mnist.X_test))
    rounded = softmax(network(live.rounded(theta, network.n), mnist.X_test))
    assert np.array_equal(rounded.argmax(axis=0), S.argmax(axis=0))
    assert 0 < np.abs(rounded - S).max() < 0.002


def test_a_digit_is_drawn_and_read_before_the_reader_does_anything(open_page):
    page = open_page("draw-a-digit")
    page.wait_for_function("document.getElementById('digit-answer').textContent === '7'")
    assert page.evaluate("location.hash") == ""
    draw(page, ONE)
    assert said(page) == "1"


def test_on_a_phone_the_answer_is_under_the_drawing(open_page):
    page = open_page("draw-a-digit", viewport={"width": 390, "height": 844}, has_touch=True)
    page.locator("#digit-drawing").evaluate("canvas => canvas.scrollIntoView()")
    canvas = page.locator("#digit-drawing").bounding_box()
    last = page.locator("#digit-outputs tr").last.bounding_box()
    assert canvas["width"] > 330
    assert last["y"] + last["height"] - canvas["y"] < 844 - 64


def test_strongest_units_are_those_with_the_largest_terms(open_page, root, live, mnist):
    network = Network((784, 300, 10), (relu, identity), softmax_cross_entropy)
    theta = network.load(root / "notebooks" / "data" / "digit_reader.npz")
    W, b = nnlib.unpack(live.rounded(theta, network.n), network.n)
    page = open_page("draw-a-digit")
    page.locator("#digit-right button").nth(7).click()
    settle(page)
    A = nnlib.forward(W, b, network.g, mnist.X_test[:, :1])[1]
    terms = W[2][7] * A[1][:, 0]
    units = np.argsort(-terms)[:12]
    shown = page.locator("#digit-units li").all_inner_texts()
    assert [text.strip() for text in shown] == [f"unit {j + 1}: +{terms[j]:.2f}" for j in units]
    said_sum = page.locator("#digit-sum").inner_text()
    assert f"add {terms[units].sum():.2f} to the output for 7" in said_sum
    assert f"which is {A[2][7, 0]:.2f} before" in said_sum


def test_summary_for_listeners_waits_until_the_drawing_rests(open_page):
    page = open_page("draw-a-digit")
    page.evaluate(
        """() => {
            window.spoken = [];
            const region = document.getElementById("digit-spoken");
            const note = () => spoken.push(region.textContent);
            new MutationObserver(note).observe(region, { childList: true });
        }"""
    )
    page.clock.install()
    draw(page, ZERO)
    assert page.evaluate("spoken") == []
    page.clock.run_for(5000)
    (sentence,) = page.evaluate("spoken")
    assert re.fullmatch(r"The network reads 0 with 0\.\d\d; next is \d with 0\.\d\d\.", sentence)


def test_drawing_and_input_follow_the_theme(open_page):
    page = open_page("draw-a-digit")
    draw(page, ONE)
    pixel = (
        "document.getElementById('digit-input').getContext('2d').getImageData(0, 0, 1, 1).data[0]"
    )
    seen = {}
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        settle(page)
        seen[theme] = page.evaluate(pixel)
        assert said(page) == "1"
    assert seen["light"] > 200
    assert seen["dark"] < 60


# Walk downhill


def quadratic(kappa):
    q = np.array([[0.8, -0.6], [0.6, 0.8]])
    H = q @ np.diag([1.0, kappa]) @ q.T
    return lambda x: (0.5 * float(x @ H @ x), H @ x)


def valleys(x):
    value = x[0] ** 4 / 4 - x[0] ** 3 / 6 - 3 * x[0] ** 2 / 4 + x[1] ** 2 / 2
    return value, np.array([x[0] * (x[0] + 1) * (x[0] - 1.5), x[1]])


def walk(f, state):
    path = []

    def keep(k, x, value, gradient):
        path.append(x)

    rule = momentum(state["beta"])
    start = np.array(state["start"], dtype=float)
    steps, rate = state["steps"], state["rate"]
    gradient_descent(f, start, rate, steps, rule=rule, callback=keep)
    return np.array(path)


def set_slider(page, name: str, value: float) -> None:
    page.locator(f"#descent-{name}").evaluate(
        "(e, value) => { e.value = value; e.dispatchEvent(new Event('input')); }", value
    )


def compare_with_nnlib(page) -> np.ndarray:
    """Hold the walk that is shown against nnlib's, and return it."""
    state = page.evaluate("descent.state")
    f = quadratic(state["kappa"]) if state["surface"] == "quadratic" else valleys
    shown, expected = np.array(page.evaluate("descent.path()")), walk(f, state)
    np.testing.assert_allclose(shown, expected, rtol=1e-9, atol=1e-12)
    x, value = shown[-1], f(shown[-1])[0]
    cells = page.locator("#descent-points tr").last.locator("th, td").all_inner_texts()
    numbers = [read_number(cell) for cell in cells]
    wanted = [len(shown) - 1, *x, value, np.linalg.norm(f(x)[1])]
    np.testing.assert_allclose(numbers, wanted, rtol=1e-3, atol=1e-9)
    return shown


def read_number(text: str) -> float:
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(text.replace("−", "-").replace(" · 10", "e").translate(raised))


def test_walks_on_the_quadratic_are_those_of_nnlib(open_page):
    page = open_page("walk-downhill")
    for kappa, beta, share in product([1, 10, 50], [0, 0.5, 0.9], [0.3, 1.9, 2.1]):
        set_slider(page, "kappa", kappa)
        set_slider(page, "rate", share / kappa)
        set_slider(page, "beta", beta)
        assert page.evaluate("[descent.state.kappa, descent.state.beta]") == [kappa, beta]
        path = take(page, 41)
        assert len(path) == 42


def test_all_ways_to_choose_the_start(open_page):
    page = open_page("walk-downhill")
    plot = page.locator("#descent-plot")
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 3 * box["width"] / 4, box["y"] + box["height"] / 4, steps=3)
    page.mouse.up()
    np.testing.assert_allclose(page.evaluate("descent.state.start"), [1.3, 1.3], atol=0.03)
    page.locator("#descent-across").focus()
    before = page.evaluate("descent.state.start")
    page.keyboard.press("ArrowLeft")
    after = page.evaluate("descent.state.start")
    assert before[0] - 0.05 < after[0] < before[0]
    assert after[1] == before[1]
    page.locator("#descent-reset").click()
    assert page.evaluate("descent.path()") == [after]
    page.locator("#descent-ten").click()
    assert len(compare_with_nnlib(page)) == 11


CLICK = "(button, times) => { for (let k = 0; k < times; k++) button.click(); }"


def take(page, steps: int) -> np.ndarray:
    """Start anew, take steps by tens and ones, and return the walk, compared with nnlib's."""
    page.locator("#descent-reset").click()
    page.locator("#descent-ten").evaluate(CLICK, steps // 10)
    page.locator("#descent-one").evaluate(CLICK, steps % 10)
    return compare_with_nnlib(page)


def test_what_the_page_says_about_the_quadratic_happens(open_page):
    page, f = open_page("walk-downhill"), quadratic(10)
    for rate, value in [(0.02, 0.89), (0.2, 5.00), (0.21, 226)]:
        set_slider(page, "rate", rate)
        assert f(take(page, 20)[-1])[0] == pytest.approx(value, rel=5e-3)
    assert "outside the picture" in page.locator("#descent-status").inner_text()
    set_slider(page, "beta", 0.5)
    assert f(take(page, 100)[-1])[0] < 1e-12
    page.locator("#descent-best-rate").click()
    assert page.evaluate("descent.state.rate") == 2 / 11
    assert f(take(page, 20)[-1])[0] == pytest.approx(0.0023, abs=5e-5)
    set_slider(page, "kappa", 1)
    page.locator("#descent-best-rate").click()
    page.locator("#descent-one").click()
    np.testing.assert_allclose(page.evaluate("descent.path()")[-1], 0, atol=1e-12)
    set_slider(page, "kappa", 50)
    page.locator("#descent-best-rate").click()
    path = take(page, 20)
    values = [quadratic(50)(x)[0] for x in path]
    assert [values[0], values[-1]] == pytest.approx([27, 5.45], rel=1e-2)
    page.locator("#descent-best-momentum").click()
    values = [quadratic(50)(x)[0] for x in take(page, 20)]
    assert values[-1] == pytest.approx(0.37, abs=5e-3)
    assert max(values) > 4 * values[0]


def test_what_the_page_says_about_the_valleys_happens(open_page):
    page = open_page("walk-downhill")
    page.locator("input[value=valleys]").check()
    assert page.locator("#descent-kappa").is_hidden()
    ends = []
    for right in (0.3, -0.3, 0):
        set_slider(page, "across", right)
        assert page.evaluate("descent.state.start") == pytest.approx([right, 1.5], abs=1e-9)
        ends.append(take(page, 200)[-1][0])
    np.testing.assert_allclose(ends, [1.5, -1, 0], atol=1e-6)
    set_slider(page, "rate", 0.6)
    set_slider(page, "across", -0.3)
    assert take(page, 100)[-1][0] == pytest.approx(-1, abs=1e-6)
    set_slider(page, "across", 0.3)
    assert sorted(take(page, 200)[-2:, 0]) == pytest.approx([1.204, 1.675], abs=6e-4)
    set_slider(page, "rate", 1.2)
    for _ in range(2):
        page.locator("#descent-ten").click()
    assert "overflow" in page.locator("#descent-status").inner_text()


def test_bounds_are_marked_where_they_are_on_the_slider(open_page):
    page = open_page("walk-downhill")
    for kappa in (10, 40):
        set_slider(page, "kappa", kappa)
        least, most = (
            float(page.locator("#descent-rate").get_attribute(a)) for a in ("min", "max")
        )
        (mark,) = page.locator(".descent-bound").evaluate_all("all => all.map(e => e.getBBox().x)")
        assert (mark - 8) / 284 == pytest.approx((2 / kappa - least) / (most - least), abs=0.01)
    set_slider(page, "beta", 0.5)
    assert page.locator(".descent-bound").count() == 2


def test_play_walks_and_pauses_and_is_gone_where_motion_is_reduced(open_page):
    page = open_page("walk-downhill")
    page.clock.install()
    page.locator("#descent-play").click()
    page.clock.run_for(5000)
    page.locator("#descent-play").click()
    steps = page.evaluate("descent.state.steps")
    assert steps >= 3
    page.clock.run_for(5000)
    assert page.evaluate("descent.state.steps") == steps
    compare_with_nnlib(page)
    still = open_page("walk-downhill", reduced_motion="reduce")
    assert still.locator("#descent-play").is_hidden()
    assert still.locator("#descent-ten").is_visible()
