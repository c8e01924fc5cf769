"""The rendered pages, where `make book` has built them: complete, linked, and at home offline."""

import doctest
import gzip
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from built import SITE, soup

ROOT = Path(__file__).parents[2]
PAGES = [
    f"{folder}/{path.stem}.html"
    for folder, pattern in (("book", "*.md"), ("notebooks", "*.ipynb"))
    for path in sorted((ROOT / folder).glob(pattern))
] + ["genindex.html", "search.html"]

pytestmark = pytest.mark.skipif(
    not (SITE / "index.html").exists(), reason="the book is not built: run make book first"
)


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    return request.param


def test_nothing_is_loaded_from_another_host(page):
    loads = [
        ("script", "src"),
        ("img", "src"),
        ("iframe", "src"),
        ("source", "src"),
        ("object", "data"),
    ]
    for tag, attribute in loads:
        for element in soup(page).find_all(tag, {attribute: True}):
            assert not urlsplit(element[attribute]).netloc, element
    for element in soup(page).find_all("link", href=True):
        if set(element["rel"]) & {"stylesheet", "preload", "icon", "prefetch", "preconnect"}:
            assert not urlsplit(element["href"]).netloc, element


def test_links_within_the_book_lead_somewhere(page):
    for link in soup(page).select("a[href]"):
        target = urlsplit(link["href"])
        if target.scheme or target.netloc:
            continue
        file = (SITE / page).parent / unquote(target.path) if target.path else SITE / page
        assert file.exists(), link
        if target.fragment and file.suffix == ".html":
            other = soup(file.resolve().relative_to(SITE.resolve()).as_posix())
            assert other.find(id=unquote(target.fragment)), link


def test_images_have_alternative_texts(page):
    for image in soup(page).select("main img"):
        assert len(image.get("alt", "")) > 30, image


def test_equations_carry_the_numbers_of_their_labels(page):
    for number in soup(page).select("div.math > span.eqno"):
        label = number.parent["id"].removeprefix("equation-").replace("-", ".")
        assert re.match(r"\(([\d.]+)\)", number.get_text())[1] == label


def test_figures_and_exercises_are_numbered_by_chapter(page):
    chapter = re.search(r"/(\d\d)-", page)
    captions = [span.get_text() for span in soup(page).select("figcaption .caption-number")]
    exercises = [span.get_text() for span in soup(page).select(".exercise .caption-number")]
    if chapter:
        assert captions == [f"Figure {int(chapter[1])}.{k + 1} " for k in range(len(captions))]
        assert exercises == [f"Exercise {int(chapter[1])}.{k + 1} " for k in range(len(exercises))]
    else:
        assert captions == []


def test_formulas_are_typeset(page):
    """With MathML for screen readers beside the glyphs, and nothing left for a script to do."""
    formulas = soup(page).select(".math.notranslate")
    text = (SITE / page).read_text(encoding="utf-8")
    assert [f for f in formulas if not f.select_one("mjx-container > mjx-math")] == []
    assert len(re.findall(r"<mjx-assistive-mml[^>]*><math", text)) == len(formulas)
    assert not re.search(r"mjx-merror|data-mjx-error|<script[^>]*mathjax", text)
    styles = soup(page).select("link[rel=stylesheet][href*='formulas.css']")
    assert len(styles) == (1 if formulas else 0)


def test_fonts_of_the_formulas_are_at_hand():
    styles = SITE / "_static" / "formulas.css"
    fonts = re.findall(r'url\("(mathjax/[^"]*)"\)', styles.read_text(encoding="utf-8"))
    assert len(fonts) > 5
    assert [font for font in fonts if not (styles.parent / font).exists()] == []


def test_ids_occur_once(page):
    ids = [element["id"] for element in soup(page).select("[id]")]
    assert sorted(ids) == sorted(set(ids))


def test_headings_say_something(page):
    headings = soup(page).select("h1, h2, h3, h4")
    assert [h for h in headings if not h.get_text(strip=True)] == []


def test_summaries_hold_no_paragraphs(page):
    """Which HTML does not allow, and some e-readers do not show."""
    assert soup(page).select("summary p, summary div") == []


def test_solutions_are_closed_in_the_page_itself(page):
    solutions = soup(page).select(".solution")
    assert all(s.name == "details" and not s.has_attr("open") for s in solutions)
    assert [s for s in solutions if not s.find("summary", recursive=False)] == []


def test_the_checks_of_a_section_are_one_line(page):
    for parent in {
        id(cell.parent): cell.parent for cell in soup(page).select(".tag_checked")
    }.values():
        checks = parent.find_all("div", class_="tag_checked", recursive=False)
        if "checks" in parent.get("class", ()):
            assert f"Checked: {len(checks)} statements" in parent.summary.text
        else:
            assert len(checks) == 1


def test_pages_say_once_how_wide_they_are_and_what_they_are_about(page):
    (viewport,) = soup(page).select("meta[name=viewport]")
    assert "width=device-width" in viewport["content"]
    if page not in ("genindex.html", "search.html"):
        (description,) = soup(page).select("meta[name=description]")
        assert len(description["content"]) > 40
        assert "\\" not in description["content"]


def test_images_have_sizes(page):
    """So that nothing moves when they come."""
    images = soup(page).select("article :is(figure, .cell_output) img")
    assert [image for image in images if not (image.get("width") and image.get("height"))] == []


def test_search_forms_have_a_button(page):
    assert [form for form in soup(page).find_all("form") if not form.select("[type=submit]")] == []


def test_chapters_lead_to_the_glossary():
    for page in (page for page in PAGES if page.startswith("notebooks/")):
        links = [a["href"] for a in soup(page).select("article a:has(> .term)")]
        assert len(links) > 5
        assert sorted(links) == sorted(set(links))


def test_an_address_that_leads_nowhere_has_a_page():
    missing = BeautifulSoup((SITE / "404.html").read_text(encoding="utf-8"), "html.parser")
    assert [a["data-to"] for a in missing.select("a")] == ["book/index.html", "search.html"]


def test_punctuation_after_a_formula_is_there_once(page):
    """Where the same text, such as a comma, stands twice in a paragraph as well."""
    kept = soup(page).select("article span.unbroken")
    assert [f for f in kept if re.match(r"[,.;:!?)]", str(f.next_sibling or ""))] == []


def test_links_begin_and_end_with_what_they_name(page):
    """A space within a link is underlined."""
    links = [link.get_text() for link in soup(page).select("article a[href]")]
    assert [text for text in links if text.strip() not in ("", text)] == []


# What the site carries


def test_pages_say_what_they_were_built_from(page):
    import nnlib

    (edition,) = soup(page).select("footer .edition")
    text = " ".join(edition.get_text().split())
    built = rf"Version {re.escape(nnlib.__version__)}(, built from commit [0-9a-f]{{7,}}\+?)?\."
    assert re.match(built, text)
    assert "built from" in text or not (ROOT / ".git").exists()


def test_site_carries_nothing_that_readers_do_not_need():
    files = [file for file in SITE.rglob("*") if file.is_file()]
    files = [file for file in files if "lite" not in file.relative_to(SITE).parts]
    names = [file.name for file in files]
    assert [name for name in names if name.endswith((".map", ".po", ".mo", ".ttf"))] == []
    # The PDF and the EPUB are there if they were built before the pages.
    files = [file for file in files if file.suffix not in (".pdf", ".epub")]
    # Half of it are pages with their formulas, a quarter figures, a fifth notebooks to download.
    assert sum(file.stat().st_size for file in files) < 23e6


def test_a_chapter_is_light(page):
    """The page and all that it names weigh less than 600 KB, as a server sends them.

    The network that reads digits comes later, when a reader comes to the figure.
    """
    names = [element["src"] for element in soup(page).select("script[src], img[src]")]
    names += [element["href"] for element in soup(page).select("link[rel=stylesheet]")]
    files = {(SITE / page).parent / unquote(urlsplit(name).path) for name in names}
    files = {file.resolve() for file in files} | {SITE / page}
    assert len(files) > 10
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 6e5


def test_the_network_that_reads_digits_is_light():
    data = (SITE / "_static" / "live" / "digits_data.js").read_bytes()
    assert len(gzip.compress(data)) < 4e5


def test_every_public_name_is_in_the_reference():
    import nnlib

    described = {element["id"] for element in soup("book/api.html").select("dt[id]")}
    listed = {code.get_text() for code in soup("book/api.html").select("td code")}
    missing = {
        name
        for name in nnlib.__all__
        if f"nnlib.{name}" not in described | listed and name not in listed
    }
    assert missing == set()


# The cover


def test_the_cover_has_a_card_for_each_chapter():
    cards = soup("book/index.html").select(".chapter-cards > a")
    chapters = [page for page in PAGES if page.startswith("notebooks/")]
    assert [card["href"] for card in cards] == [f"../{page}" for page in chapters]
    assert [card for card in cards if not (card.img and "?" in card.get_text())] == []


def test_the_code_of_the_cover_prints_what_it_says():
    text = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    code = re.search(r"(?s)```python\n(.*?)```", text)[1]
    test = doctest.DocTestParser().get_doctest(code, {}, "index.md", None, 0)
    assert doctest.DocTestRunner().run(test) == (0, 4)
