"""The book on paper, where `make pdf` has made it: all of it, with the numbers of the pages."""

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
import yaml

import nnlib
from scripts import typeset

ROOT = Path(__file__).parents[2]
PDF = ROOT / "_build" / "pdf" / "neural-networks-from-first-principles.pdf"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
TITLE = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["title"]

printed = pytest.mark.skipif(
    not PDF.exists() or shutil.which("pdftotext") is None,
    reason="needs the PDF and pdftotext: make pdf, apt-get install poppler-utils",
)


@cache
def pages() -> list[str]:
    """Return the text of every page."""
    command = ["pdftotext", "-layout", PDF, "-"]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return text.removesuffix("\f").split("\f")


@cache
def text() -> str:
    """Return the text of the book on one line, with single spaces."""
    return " ".join(" ".join(pages()).split())


@cache
def cells(path: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(path, as_version=4).cells


def in_cells(pattern: str) -> list[str]:
    sources = [cell.source for path in NOTEBOOKS for cell in cells(path)]
    return [found for source in sources for found in re.findall(pattern, source, re.M)]


@printed
def test_title_page_says_what_book_it_is_and_which_edition():
    first = " ".join(pages()[0].split())
    assert TITLE in first
    assert f"Version {nnlib.__version__}, commit " in first
    assert "CC BY 4.0" in pages()[1]


@printed
def test_metadata_say_what_the_title_page_says():
    shown = subprocess.run(["pdfinfo", PDF], capture_output=True, check=True, text=True).stdout
    assert re.search(rf"^Title: +{TITLE}$", shown, re.M)
    assert re.search(rf"^Author: +The authors of {TITLE}$", shown, re.M)


@printed
def test_no_page_is_blank():
    assert len(pages()) > 150
    assert [k for k, page in enumerate(pages(), start=1) if len(page.split()) < 10] == []


@printed
def test_figures_and_tables_outside_the_chapters_stay_where_they_are_without_a_number():
    speed = "\n".join(page for page in pages() if page.lstrip().startswith("How fast it is"))
    assert 0 < speed.index("number of columns, of nodes") < speed.index("Importing\n")
    (page,) = (page for page in pages() if "The largest relative differences from nnlib" in page)
    assert not re.search(r"Table \d+: The largest", page)


@printed
def test_contents_list_what_tells_chapters_apart():
    opening = next(k for k, page in enumerate(pages()) if re.match(r"\s*1\s+Preface\s", page))
    listed = re.findall(r"^\s*(\S.*?)[. ]* (?:\. ){3}.*\d$", "\n".join(pages()[:opening]), re.M)
    assert {"A landscape", "The sigmoid, at any number", "Self-test"} <= set(listed)
    everywhere = {"Exercises", "Pitfalls", "Solutions", "Summary", "Where to go next"}
    assert not (everywhere | {"What goes wrong in practice"}) & set(listed)
    assert {title for title in listed if re.match(r"\d+\. ", title)} == set()


@printed
def test_stars_in_the_index_of_exercises_are_on_one_line():
    graded = re.findall(r"^\s*Exercise (\d+)\.1 .* ★+$", "\n".join(pages()), re.M)
    assert graded == [str(int(path.stem[:2])) for path in NOTEBOOKS]


@printed
def test_chapters_have_the_numbers_of_the_series_once():
    for path in NOTEBOOKS:
        number, title = re.match(r"# (\d+)\. (.*)", cells(path)[0].source).groups()
        opening = re.compile(rf"^\s*{number}\s+{re.escape(title)}\s", re.M)
        assert sum(bool(opening.match(page)) for page in pages()) >= 1, title
        assert not re.search(rf"Chapter \d+ (\d+\.? )?{re.escape(title)}", text())
    assert not re.search(r"^ *\d+ +\d+\. ", "\n".join(pages()), re.M)  # in a line, as in "5 5. "


@printed
def test_equations_have_the_numbers_of_their_labels():
    labels = in_cells(r"^\\tag\{(\d+\.\d+)\}$")
    numbers = re.findall(r"(?:\s{3}|[,.] )\((\d+\.\d+)\)$", "\n".join(pages()), re.M)
    assert len(labels) > 100
    assert set(labels) - set(numbers) == set()


@printed
def test_figures_have_the_numbers_of_the_pages():
    for path in NOTEBOOKS:
        chapter = int(path.stem[:2])
        figures = [cell for cell in cells(path) if "figure" in cell.metadata.get("mystnb", {})]
        found = re.findall(rf"^\s*Figure {chapter}\.(\d+):", "\n".join(pages()), re.M)
        assert found == [str(k + 1) for k in range(len(figures))]


@printed
def test_every_exercise_has_its_solution_at_the_end_of_the_chapter():
    numbers = in_cells(r"^### Exercise (\d+\.\d+): ")
    assert len(numbers) > 40
    for number in map(re.escape, numbers):
        exercise = re.search(rf"(?<!to )Exercise {number} \(.*?Solution: page \d+", text())
        solution = re.search(rf"Solution to Exercise {number} \(.*?Exercise: page \d+", text())
        assert exercise.start() < solution.start()


@printed
def test_code_that_only_draws_is_left_out_and_other_code_is_not():
    assert "plt.show()" not in text()
    assert "from nnlib import gradient_descent" in text()


def test_what_is_missing_is_said_before_any_work(tmp_path):
    """Without LaTeX and all else, by a Python that has no packages, as make calls it."""
    command = [sys.executable, "-E", "-S", "-m", "scripts.typeset", "check"]
    run = subprocess.run(
        command, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert run.returncode == 1
    for name in ("xelatex", "latexmk", "rsvg-convert", "unicode-math.sty"):
        assert f"  {name}, of the package " in run.stderr
    assert re.search(r"apt-get install .*\btexlive-xetex\b", run.stderr)


def test_only_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(typeset.shutil, "which", lambda name: None if name == "latexmk" else name)
    monkeypatch.setattr(typeset, "has_file", lambda name: name != "titlesec.sty")
    assert typeset.missing() == {"latexmk": "latexmk", "titlesec.sty": "texlive-latex-extra"}
    assert typeset.advice(typeset.missing()).count("\n  ") == 3


@pytest.mark.parametrize(
    "line",
    [
        "Missing character: There is no → in font TeX Gyre Pagella!",
        "LaTeX Warning: Reference `eq' on page 3 undefined on input line 5.",
        "LaTeX Warning: Hyper reference `notebooks/02-the-model:2.1' on page undefined on line 5.",
        "LaTeX Warning: Label `eq' multiply defined.",
        "Overfull \\hbox (5.1pt too wide) in paragraph at lines 3--5",
    ],
)
def test_what_latex_complains_of_is_an_error(line):
    wrapped = "\n".join(line[k : k + 79] for k in range(0, len(line), 79))  # as TeX does
    assert typeset.complaints(f"(file.sty)\n{wrapped}\n[3]\n")[0].startswith(line[:30])


def test_what_latex_merely_remarks_is_none():
    log = "Overfull \\hbox (4.9pt too wide) in paragraph\nUnderfull \\hbox (badness 10000)\n"
    assert typeset.complaints(log) == []


def test_columns_of_tables_share_the_width_by_what_they_hold(load_module):
    column_widths = load_module(ROOT / "book" / "extensions" / "pdf.py").column_widths
    short, long, longest = [[3]], [[5] * 20], [[5] * 80]
    assert column_widths([short, short], 80) == pytest.approx([7, 7])
    widths = column_widths([short, long, longest], 80)
    assert widths[0] == pytest.approx(6)  # its longest word
    assert sum(widths) == pytest.approx(80)
    assert 2 < widths[2] / widths[1] < 4
    assert column_widths([[[]], short], 80) == pytest.approx([3, 7])
    assert sum(column_widths([[[60]]] * 9, 80)) == pytest.approx(80)
