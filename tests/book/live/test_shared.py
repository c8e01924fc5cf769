"""What the live figures share: their place, the page's address, sizes, names, themes and print."""

import re

import pytest

NAMES = (
    "activations",
    "assemble",
    "bowl",
    "depth",
    "descent",
    "landscape",
    "nudge",
    "product",
    "sine",
    "units",
)
NEW = ("assemble", "bowl", "depth", "landscape", "product", "units")

CELL = """<div class="cell tag_hide-input tag_live-units">
<details class="hide above-input"><summary>Show code</summary>
<div class="cell_input">code</div></details>
<div class="cell_output"><figure id="fig-static"><img alt="static" src="data:,">
<figcaption>Figure 2.3: a caption</figcaption></figure></div></div>
<figure class="live-static live-product" id="other"><img alt="still" src="data:,"></figure>
{}"""


def hash_of(page) -> str:
    page.wait_for_timeout(300)  # the address is written once the state rests
    return page.evaluate("location.hash")


def test_every_figure_is_held_to_the_rules(root):
    assert {path.stem for path in (root / "book" / "live").glob("*.html")} == {*NAMES, "digits"}


def test_each_takes_the_place_of_its_own_static_version(open_figures):
    page = open_figures("units", around=CELL)
    assert page.locator("#fig-static #live-units").is_visible()
    assert page.get_by_text("Figure 2.3: a caption").is_visible()
    assert page.get_by_alt_text("static").is_hidden()
    assert page.get_by_text("Show code").is_hidden()
    assert page.locator("#other").is_visible(), "not its own"


def test_static_version_shows_in_print_and_without_scripts(open_figures):
    page = open_figures("units", around=CELL)
    page.emulate_media(media="print")
    assert page.locator("#live-units").is_hidden()
    assert page.get_by_alt_text("static").is_visible()
    still = open_figures("units", around=CELL, java_script_enabled=False)
    assert still.locator("#live-units").is_hidden()
    assert still.get_by_alt_text("static").is_visible()


def test_state_is_read_from_the_address_and_written_there(open_figures, set_slider):
    page = open_figures("units", address="#w=2,-1&b=-1,0.5&g=tanh")
    state = page.evaluate("units.state")
    assert [state["w"], state["b"], state["g"], state["target"]] == [
        [2, -1],
        [-1, 0.5],
        "tanh",
        "plateau",
    ]
    set_slider(page, "units-c", 0.25)
    given = dict(pair.split("=") for pair in hash_of(page)[1:].split("&"))
    assert given == {"w": "2,-1", "b": "-1,0.5", "g": "tanh", "c": "0.25"}
    again = open_figures("units", address=hash_of(page))
    assert again.evaluate("units.state") == page.evaluate("units.state")


def test_address_stays_clean_until_something_changes_and_again_after(open_figures, set_slider):
    page = open_figures("units")
    assert hash_of(page) == ""
    set_slider(page, "units-c", 1)
    assert hash_of(page) == "#c=1"
    set_slider(page, "units-c", 0)
    assert hash_of(page) == ""
    assert page.evaluate("history.length") == open_figures("units").evaluate("history.length")


def test_links_to_places_of_the_page_are_left_alone(open_figures, go_to, set_slider):
    page = open_figures("units", address="#a-section")
    assert hash_of(page) == "#a-section"
    set_slider(page, "units-c", 1)
    set_slider(page, "units-c", 0)
    go_to(page, "#a-section")
    assert page.evaluate("units.state.c") == 0
    set_slider(page, "units-c", 1)
    assert hash_of(page) == "#c=1"
    go_to(page, "#a-section")
    assert page.evaluate("units.state.c") == 1
    assert hash_of(page) == "#a-section"
    page.go_back()
    assert hash_of(page) == "#c=1"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("units", "#w=1,x&b=&v=1e999&c=99&g=cubist&target=moon&x=-50"),
        ("units", "#w=&other=3"),
        ("units", "#w=1,2,3,4,5,6&b=1"),
        ("product", "#layer=7&element=9,-3&W=1&X=,,&b=x"),
        ("assemble", "#n=17&l=9&dW=dZ.dZ.dZ&dA=no&db=&scale=2"),
        ("activations", "#g=step&z=high"),
        ("bowl", "#x=1,2&y=9,-7,x,0,0&w=1e9&b=&steps=1e12"),
        ("bowl", "#x=3,3,3,3,3&steps=4"),
        ("landscape", "#w=99&b=x&y=7,-3,,0.5&steps=-4"),
        ("landscape", "#w=1e999&y=0.5&steps=1e9"),
        ("nudge", "#step=9.5&c=0&name=V11&by=1e400"),
        ("depth", "#g=step&layers=1e9&omega=-3&seed=0.5"),
        ("descent", "#f=sphere&kappa=0&rate=-1&x=1&steps=1e9&beta=2"),
    ],
)
def test_nonsense_in_the_address_does_no_harm(open_figures, name, address):
    page = open_figures(name, address=address)
    assert page.locator(f"#live-{name}").is_visible()
    assert "NaN" not in page.locator(f"#live-{name}").inner_text()
    shown = page.locator(f"#live-{name} svg path").evaluate_all("all => all.map(e => e.outerHTML)")
    assert not any("NaN" in path or "Infinity" in path for path in shown)


def test_several_figures_on_a_page_keep_their_states_apart(open_figures, go_to, set_slider):
    page = open_figures(
        "units", "product", "activations", address="#units.b=1,1&product.b=5,5&g=tanh"
    )
    assert page.evaluate("[units.state.b, product.state.b]") == [[1, 1], [5, 5]]
    assert page.evaluate("[units.state.g, activations.state.name]") == ["tanh", "tanh"]
    set_slider(page, "units-c", 1)
    page.locator("#product-next").click()
    given = dict(pair.split("=") for pair in hash_of(page)[1:].split("&"))
    assert given["units.c"] == "1"
    assert given["units.b"] == "1,1"
    assert given["product.b"] == "5,5"
    assert given["product.element"] == "2,1"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wider_than_a_phone_and_controls_fit_a_finger(open_figures, name):
    page = open_figures(name, viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    kinds = "button, select, input:not([type=radio]), label:has([type=radio]), .live-handle"
    boxes = page.locator(f"#live-{name} :is({kinds})").evaluate_all(
        """all => all
            .map((e) => [e.getBoundingClientRect(), e.outerHTML])
            .filter(([box]) => box.width > 0)"""
    )
    assert boxes
    for box, html in boxes:
        assert box["left"] >= 0, html
        assert box["right"] <= 390, html
        assert min(box["width"], box["height"]) >= 24, html


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(open_figures, name, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_figures(name, theme=theme)
    found = axe.run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("name", NEW)
def test_changes_are_announced_once_they_rest(open_figures, name):
    page = open_figures(name)
    act = {
        "units": lambda: page.locator("#units-add").click(),
        "landscape": lambda: page.locator("#landscape-roll").click(),
        "product": lambda: page.locator("#product-next").click(),
        "assemble": lambda: page.locator("#assemble-preset").select_option("right"),
        "depth": lambda: page.get_by_label("tanh", exact=True).check(),
        "bowl": lambda: page.locator("#bowl-ten").click(),
    }
    says = {
        "landscape": r"After 25 steps the ball is at w = .*: E = 0\.0",
        "units": "Distance",
        "product": r"z₂₁ = .* = −1 ln 3 = −1\.099",
        "assemble": "All six agree",
        "depth": "tanh, 20 layers, ω = 1.00. The blame gets through",
        "bowl": "After 10 steps the raw descent has 0.496 of its distance left, and the standard",
    }
    region = page.locator(f"#{name}-spoken")
    assert region.get_attribute("aria-live") == "polite"
    act[name]()
    assert region.inner_text() == ""
    page.wait_for_function("e => e.textContent", arg=region.element_handle())
    assert re.match(says[name], region.inner_text())


def test_letters_keep_their_size_when_the_page_gets_narrow(open_figures):
    page = open_figures("units")
    heights = []
    for width in (1000, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(
            """() => {
                const svg = document.getElementById("units-plot");
                return Math.abs(svg.viewBox.baseVal.width - svg.getBoundingClientRect().width) < 3;
            }"""
        )
        heights.append(page.locator("#units-plot .live-tick").first.bounding_box()["height"])
    assert heights[1] == pytest.approx(heights[0], rel=0.02)
    numbers = page.locator("#units-plot .live-tick").all_text_contents()
    assert {"1", "2", "−1", "−2"} <= set(numbers)
