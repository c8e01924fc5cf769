"""The reference pages: the equation map against notebooks, nnlib and tests, and what they say."""

import ast
import doctest
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from built import SITE, soup

import nnlib

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"
MAP = yaml.safe_load((BOOK / "equations.yml").read_text(encoding="utf-8"))
FIELDS = {"says", "nnlib", "chapter", "tests", "cells", "nature"}

# Equations behind a function of the library that say how good it is, not what it computes: a cell
# of the chapter checks them, no test of the library does.
ABOUT_A_FUNCTION = ["6.16", "9.8", "9.9", "10.19"]

is_built = pytest.mark.skipif(
    not (SITE / "index.html").exists(), reason="the book is not built: run make book first"
)


@pytest.fixture
def reference(load_module) -> ModuleType:
    return load_module(BOOK / "extensions" / "reference.py")


@pytest.fixture
def chapters(reference) -> dict:
    """The chapters that are notebooks, by their numbers."""
    return {chapter.number: chapter for chapter in reference.read_chapters(ROOT)}


def chapter_of(label: str) -> int:
    return int(label.partition(".")[0])


def read(page: str) -> str:
    return (BOOK / page).read_text(encoding="utf-8")


# The equation map


def test_the_map_has_the_equations_of_the_notebooks_in_their_order(chapters):
    numbered = [label for chapter in chapters.values() for label in chapter.equations]
    assert list(MAP) == numbered
    assert len(numbered) > 140


def test_every_line_of_the_map_says_what_checks_the_equation_or_why_nothing_does(reference):
    for label, entry in MAP.items():
        assert "says" in entry, label
        assert set(entry) <= FIELDS, label
        assert ("nature" in entry) != bool(entry.get("tests", []) or entry.get("cells", [])), label
        assert entry.get("nature", "step") in reference.NATURES, label


def test_meanings_have_no_mark_that_would_end_a_cell_of_the_table():
    assert [label for label, entry in MAP.items() if re.search(r"[|\n]", entry["says"])] == []


def citations() -> set[tuple[str, str]]:
    """Return a docstring's first public name and an equation, for each equation that one cites."""
    found = set()
    for name in nnlib.__all__:
        notes = getattr(nnlib, name).__doc__.partition("Notes\n")[2].partition("Examples\n")[0]
        found |= {(owner(name), label) for label in re.findall(r"\((\d+\.\d+)\)", notes)}
    return found


def owner(name: str) -> str:
    """Return the first public name with the same docstring: that of an instance is its class's."""
    doc = getattr(nnlib, name).__doc__
    return next(other for other in sorted(nnlib.__all__) if getattr(nnlib, other).__doc__ == doc)


def test_the_map_names_the_functions_whose_docstrings_cite_the_equation():
    mapped = {
        (owner(name), label) for label, entry in MAP.items() for name in entry.get("nnlib", [])
    }
    assert len(mapped) > 40
    assert mapped == citations()


def test_functions_that_the_map_finds_in_a_chapter_are_defined_there(chapters):
    defined = {
        number: {
            node.name
            for cell in chapter.cells
            for node in ast.walk(ast.parse(cell.code))
            if isinstance(node, ast.FunctionDef)
        }
        for number, chapter in chapters.items()
    }
    named = [(label, entry["chapter"]) for label, entry in MAP.items() if "chapter" in entry]
    assert len(named) > 70
    assert [pair for pair in named if pair[1] not in defined[chapter_of(pair[0])]] == []


def defined_tests() -> set[str]:
    return {
        f"{path.stem}::{node.name}"
        for folder in ("nnlib", "book")
        for path in (ROOT / "tests" / folder).glob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }


def test_tests_that_the_map_names_exist():
    named = {test for entry in MAP.values() for test in entry.get("tests", [])}
    assert len(named) > 40
    assert named <= defined_tests()


def test_what_a_function_of_the_library_computes_is_tested():
    untested = [label for label, entry in MAP.items() if "nnlib" in entry and "tests" not in entry]
    assert untested == ABOUT_A_FUNCTION
    assert all("cells" in MAP[label] for label in untested)


def test_cells_that_the_map_names_exist_once_and_assert_what_it_quotes(reference, chapters):
    for label, entry in MAP.items():
        for place in entry.get("cells", []):
            number, code = place if isinstance(place, list) else (chapter_of(label), place)
            assert "assert" in code, label
            assert reference.find_cell(chapters[number], code).place, label


@is_built
def test_the_page_shows_every_line_of_the_map():
    rows = soup("book/equations.html").select("table.equation-map tbody tr")
    assert [row.td.get_text(strip=True) for row in rows] == [f"({label})" for label in MAP]
    for row, label in zip(rows, MAP, strict=True):
        anchor = f"equation-{label.replace('.', '-')}"
        assert row.td.a["href"].endswith(f"#{anchor}")
        assert all(cell.get_text(strip=True) for cell in row.find_all("td"))


# Glossary, formulas, notation


def glossary() -> dict[str, str]:
    """Return the terms and what they mean, in the order of the source."""
    body = read("glossary.md").partition(":sorted:\n")[2].rpartition(":::")[0]
    entries = [entry.split("\n") for entry in body.strip().split("\n\n")]
    assert all(len(entry) == 2 for entry in entries)
    return {term: meaning.strip() for term, meaning in entries}


def test_glossary_is_in_alphabetical_order():
    terms = [term.lower() for term in glossary()]
    assert terms == sorted(set(terms))
    assert 60 <= len(terms) <= 100


def test_every_term_leads_to_where_it_is_introduced():
    place = r"(\{eq\}`[\d.]+`|\[[^]]*\]\([^)]*\))$|^See \{term\}`"
    assert [term for term, meaning in glossary().items() if not re.search(place, meaning)] == []


def test_symbols_of_the_notation_occur_in_the_chapters_that_it_names(chapters):
    rows = re.findall(
        r"(?m)^\| (\$.*?\$) \|.*\[(\d+)\]\(\.\./(\S+)\.ipynb\) \|$", read("notation.md")
    )
    assert len(rows) == read("notation.md").count("\n| $") > 40
    for symbols, number, page in rows:
        assert chapters[int(number)].page == page
        text = re.sub(r"\s", "", (ROOT / f"{page}.ipynb").read_text(encoding="utf-8"))
        for symbol in re.findall(r"\$([^$]+)\$", symbols):
            assert re.sub(r"\s", "", symbol).replace("\\", "\\\\") in text, symbol


@is_built
def test_formulas_fit_on_one_sheet(browser):
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "10mm")
    page = browser.new_page()
    page.goto((SITE / "book" / "formulas.html").as_uri())
    sheets = [page.pdf(format=size, margin=margin) for size in ("A4", "Letter")]
    page.close()
    assert [len(re.findall(rb"/Type /Page\b", sheet)) for sheet in sheets] == [1, 1]


# The appendix and the indices


def python_of(page: str) -> str:
    """Return the Python sessions of a page, with what surrounds them left out."""
    return "\n".join(re.findall(r"(?ms)^```python\n(.*?)^```$", read(page)))


def test_python_of_the_appendix_prints_what_it_says():
    sessions = python_of("assumed.md")
    test = doctest.DocTestParser().get_doctest(sessions, {}, "assumed.md", None, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    failed, tried = runner.run(test)
    assert failed == 0
    assert tried >= 30


def test_every_question_of_the_self_test_has_an_answer():
    text = read("assumed.md")
    labels = re.findall(r":::\{exercise\} .*\n:label: (\S+)", text)
    assert labels == [f"ex-a-{k}" for k in range(1, 25)]
    assert re.findall(r":::\{solution\} (\S+)\n:class: dropdown", text) == labels


@is_built
def test_self_test_is_numbered_as_an_appendix():
    numbers = [
        span.get_text(strip=True)
        for span in soup("book/assumed.html").select(".exercise .caption-number")
    ]
    assert numbers == [f"Exercise A.{k}" for k in range(1, 25)]


@is_built
def test_index_of_exercises_leads_to_all_of_them(chapters):
    links = [a["href"] for a in soup("book/exercises.html").select("table.exercise-index td a")]
    assert links == [
        f"../{chapter.page}.html#{exercise.label}"
        for chapter in chapters.values()
        for exercise in chapter.exercises
    ]
    on_pages = [
        exercise["id"]
        for chapter in chapters.values()
        for exercise in soup(f"{chapter.page}.html").select(".exercise")
    ]
    assert [link.partition("#")[2] for link in links] == on_pages


@is_built
def test_index_of_figures_leads_to_all_of_them(chapters):
    listed = [a["href"] for a in soup("book/figures.html").select("main a[href*='#fig-']")]
    figures = [
        f"{page}.html#{figure['id']}"
        for page in ["book/01-preface", *(chapter.page for chapter in chapters.values())]
        for figure in soup(f"{page}.html").select("main figure[id]")
    ]
    names = [Path(figure).name for figure in figures]
    assert [Path(link).name for link in listed] == names
    assert len(names) > 40


def test_a_first_sentence_does_not_end_within_a_formula(reference):
    class Shown:
        class figure:  # noqa: N801
            caption = "With $x = 1. Y$ and 0.5 more. The rest."

    assert reference.first_sentence(Shown) == "With $x = 1. Y$ and 0.5 more."


# Between chapters and library


@is_built
def test_every_entry_of_the_library_leads_to_its_chapter():
    page = soup("book/api.html")
    for name in nnlib.__all__:
        target = page.find(id=f"nnlib.{name}")
        assert target, name
        entry = target.find_parent("tr") or target.find_parent("dl")
        links = [a["href"] for a in entry.select("a[href*='notebooks/']")]
        assert links or name == "EMPTY", name


@pytest.mark.parametrize(
    ("line", "formulas"),
    [
        ("of shape (n^l, n^{l-1})", "of shape (:math:`n^{l}`, :math:`n^{l-1}`)"),
        ("by dE/dA^L.", "by :math:`dE/dA^{L}`."),
        ("e^{Z_ic - max K}", r":math:`e^{Z_{ic} - \max K}`"),
        ("scale^2, s_x^2, ||f||^2", "scale^2, s_x^2, ||f||^2"),
    ],
)
def test_symbols_in_docstrings_become_formulas(reference, line, formulas):
    assert reference.with_formulas(line) == formulas


@is_built
def test_shapes_on_the_library_s_page_are_formulas():
    page = soup("book/api.html", with_mathml=True)
    shown = page.select_one('dt[id="nnlib.forward"]').find_next_sibling("dd")
    formulas = [formula.get_text("") for formula in shown.select(".math math")]
    assert formulas[:2] == ["nl", "nl−1"]


@is_built
def test_names_of_the_library_in_the_chapters_lead_to_its_entries(chapters):
    count = 0
    for chapter in chapters.values():
        for code in soup(f"{chapter.page}.html").select("main code"):
            name = code.get_text()
            if name.removeprefix("nnlib.") in nnlib.__all__ and name.startswith("nnlib."):
                assert code.parent["href"] == f"../book/api.html#{name}"
                count += 1
        (box,) = soup(f"{chapter.page}.html").select(".chapter-box")
        assert box.select("a[href*='api.html#nnlib.']"), chapter.page
    assert count > 10
