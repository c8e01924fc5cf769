"""Sections headed "Deeper:" on the pages: closed, and open for whoever is led into them."""

from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).parents[2]
PAGE = """\
# The model

## Layers

Text.

### Deeper: a proof, for those who like proofs

The proof begins.

$$
a = b
$$ (2.1)

#### A case

The case.

## Summary

The end.
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a page with a fold, as Sphinx builds it with the book's extension."""
    folder = tmp_path_factory.mktemp("folds")
    (folder / "source").mkdir()
    (folder / "source" / "index.md").write_text(PAGE, encoding="utf-8")
    settings = {
        "extensions": ["myst_parser", "pages"],
        "myst_enable_extensions": ["dollarmath"],
        "html_theme": "basic",
        "html_static_path": [str(ROOT / "book" / "style")],
        "html_css_files": ["forms.css"],
        "html_js_files": ["folds.js"],
    }
    with pytest.MonkeyPatch.context() as patch, patch_docutils(), docutils_namespace():
        patch.syspath_prepend(ROOT / "book" / "extensions")
        source, site, doctrees = (folder / name for name in ("source", "site", "doctrees"))
        Sphinx(source, None, site, doctrees, "html", settings, status=None).build()
    path = site / "index.html"
    html = path.read_text(encoding="utf-8")
    path.write_text(html.replace('class="body"', 'class="body bd-article"'), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(address, browser):
    page = browser.new_page(viewport={"width": 800, "height": 300})
    page.goto(address)
    yield page
    page.close()


def is_open(page) -> bool:
    return page.locator("details.fold").evaluate("fold => fold.open")


def test_a_fold_holds_its_section_and_shows_its_heading(page):
    assert page.get_by_role("heading", name="Deeper: a proof").is_visible()
    assert page.locator("details.fold").count() == 1
    assert not page.get_by_text("The proof begins.").is_visible()
    assert page.locator("details.fold").get_by_text("The case.").count() == 1
    assert page.get_by_text("The end.").is_visible()


def test_a_fold_opens_and_closes_by_keyboard(page):
    page.locator("details.fold > summary").focus()
    page.keyboard.press("Enter")
    assert page.get_by_text("The proof begins.").is_visible()
    page.keyboard.press("Space")
    assert not page.get_by_text("The proof begins.").is_visible()


@pytest.mark.parametrize(
    "target", ["deeper-a-proof-for-those-who-like-proofs", "equation-2-1", "a-case"]
)
@pytest.mark.parametrize("where", ["from another page", "on the page"])
def test_a_link_into_a_fold_opens_it(address, browser, target, where):
    page = browser.new_page(viewport={"width": 800, "height": 300})
    if where == "on the page":
        page.goto(address)
    page.goto(f"{address}#{target}")
    page.wait_for_function("document.querySelector('details.fold').open")
    assert page.evaluate(
        "id => document.getElementById(id).getBoundingClientRect().top < innerHeight", target
    )
    page.close()


def test_a_link_to_what_is_in_no_fold_opens_none(address, browser):
    page = browser.new_page()
    for target in ("layers", "summary", "nowhere", "w=2&b=-1"):
        page.goto(f"{address}#{target}")
        assert not is_open(page), target
    page.close()


def test_a_fold_in_which_a_search_found_something_opens(address, browser):
    page = browser.new_page()
    page.goto(address)
    page.evaluate("localStorage.setItem('sphinx_highlight_terms', 'case')")
    page.reload()
    page.wait_for_function("document.querySelector('details.fold').open")
    assert page.locator("details.fold .highlighted").count() > 0
    page.close()


def test_folds_are_open_in_print_and_then_as_they_were(page):
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert is_open(page)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not is_open(page)


def test_folds_are_open_in_print_without_scripts(address, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.emulate_media(media="print")
    assert page.get_by_text("The proof begins.").is_visible()
    context.close()
