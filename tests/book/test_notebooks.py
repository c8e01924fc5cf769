"""What every chapter promises its readers, beyond that its code runs (which nbval checks)."""

import ast
import re
from collections import Counter
from collections.abc import Iterator

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter

from scripts import pictures

FOLDED = {"imports", "checked", "our-version"}
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell", *FOLDED}

# Cells that print digits which depend on how a processor rounds. They assert bounds instead, so
# their output is not compared.
BOUNDS_INSTEAD_OF_OUTPUT: dict[str, list[str]] = {}

OUTSIDE_OF_THE_BOOK = """\
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"No {missing.name} here. Download the book's repository, run pip "
        "install . in it, and start Jupyter in its folder notebooks."
    ) from None
"""


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(notebook) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def equations(notebook) -> list[str]:
    return re.findall(r"(?m)^\\tag\{([^}]*)\}$", text(notebook))


def main_line(notebook) -> Iterator:
    """Yield the code cells that everybody reads: not hidden, in no fold, before the exercises."""
    depth = None  # of the fold that we are in
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for level, heading in re.findall(r"(?m)^(##+) (.*)$", cell.source):
                if heading == "Exercises":
                    return
                if depth is None or len(level) <= depth:
                    depth = len(level) if heading.startswith("Deeper: ") else None
        elif depth is None and not tags(cell) & HIDDEN:
            yield cell


@pytest.fixture
def in_new_form(notebook) -> None:
    if "> **Your turn**" not in text(notebook):
        pytest.skip("a chapter in which readers write nothing yet")


def test_was_executed_from_top_to_bottom_without_errors(notebook):
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert "\r" not in "".join(output.get("text", "") for output in outputs)


def test_carries_no_metadata_of_editors_or_kernels(notebook):
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert all(set(cell.metadata) <= {"tags", "mystnb", "jupyter"} for cell in notebook.cells)


def test_code_that_pages_hide_is_collapsed_in_jupyter(notebook):
    for cell in code_cells(notebook):
        collapsed = {"source_hidden": True} if tags(cell) & HIDDEN else None
        assert cell.metadata.get("jupyter") == collapsed, cell.source


def test_cells_are_short(notebook):
    for cell in code_cells(notebook):
        assert len(cell.source.splitlines()) <= 15 or "imports" in tags(cell), cell.source


def test_first_cell_says_what_is_missing_outside_of_the_book(notebook):
    first, *others = code_cells(notebook)
    assert tags(first) >= {"imports", "hide-input"}
    assert not any("imports" in tags(cell) for cell in others)
    assert OUTSIDE_OF_THE_BOOK in first.source


def test_folded_cells_say_what_they_hold(notebook):
    for cell in code_cells(notebook):
        if "checked" in tags(cell):
            assert re.match(r"# Checked: \w.{20,}", cell.source)
        if "our-version" in tags(cell):
            assert cell.source.startswith("# Our version\n")


def test_uses_no_magics_and_no_global_random_state(notebook):
    for cell in code_cells(notebook):
        assert not re.search(r"(?m)^\s*[%!]", cell.source), cell.source
        assert "np.random.seed" not in cell.source


def test_formulas_need_no_macros(notebook):
    assert not re.search(r"\\(newcommand|renewcommand|def|DeclareMathOperator)\b", text(notebook))


def test_equations_are_numbered_by_chapter_without_gaps(path, notebook):
    labels = equations(notebook)
    chapter = int(path.stem[:2])
    numbered = [f"{chapter}.{k}" for k in range(1, len(labels) + 1)]
    assert sorted(labels, key=numbered.index) == numbered


def test_links_to_equations_show_their_numbers(notebook):
    for shown, label in re.findall(r"\[\(([\d.]+)\)\]\([^#)]*#([\d.]+)\)", text(notebook)):
        assert shown == label


def test_every_mention_of_an_equation_is_a_link(notebook):
    prose = re.sub(r"\$\$.*?\$\$|\$[^$]+\$", " ", text(notebook), flags=re.DOTALL)
    assert not re.findall(r"(?<!\[)\(\d+\.\d+\)", prose)


def test_figures_have_captions_and_alternative_texts(notebook):
    names = []
    for cell in code_cells(notebook):
        if any(
            "image/png" in o.get("data", {}) or "image/svg+xml" in o.get("data", {})
            for o in cell.outputs
        ):
            shown = cell.metadata.mystnb
            assert len(shown.image.alt) > 60
            assert len(shown.figure.caption) > 20
            names.append(shown.figure.name)
    assert len(names) >= 2
    assert len(set(names)) == len(names)


def test_plotting_code_is_hidden(notebook):
    for cell in code_cells(notebook):
        if "plt.show()" in cell.source or "Diagram(" in cell.source:
            assert tags(cell) & HIDDEN, cell.source


def test_only_listed_outputs_are_not_compared(path, notebook):
    ignored = [cell for cell in code_cells(notebook) if "nbval-ignore-output" in tags(cell)]
    listed = BOUNDS_INSTEAD_OF_OUTPUT.get(path.stem, [])
    assert len(ignored) == len(listed)
    for cell, phrase in zip(ignored, listed, strict=True):
        assert phrase in cell.source
        assert "assert" in cell.source
    assert not any(tag.startswith("nbval-skip") for cell in notebook.cells for tag in tags(cell))


def test_opens_and_ends_as_every_chapter(path, notebook):
    assert re.match(rf"# {int(path.stem[:2])}\. .+\n\n", notebook.cells[0].source)
    box = re.search(r"(?m)^> \*\*This chapter\*\*\n(>.*\n?)+", text(notebook))[0]
    assert "**Question.**" in box
    assert f"https://janmr.com/posts/neural-networks/{path.stem}" in box
    headings = re.findall(r"(?m)^## (.*)$", text(notebook))
    assert headings[-4:] == ["Summary", "Exercises", "Where to go next", "Solutions"]


def test_exercises_have_solutions_that_run(path, notebook):
    chapter = int(path.stem[:2])
    exercises = re.findall(r"(?m)^### Exercise ([\d.]+): .*\S ★{1,3}$", text(notebook))
    assert exercises == [f"{chapter}.{k}" for k in range(1, len(exercises) + 1)]
    assert len(exercises) >= 4
    solved = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            solved |= dict.fromkeys(re.findall(r"(?m)^### Solution (.*)$", cell.source), False)
        elif solved:
            solved[list(solved)[-1]] = True
    assert solved == dict.fromkeys(exercises, True)


@pytest.mark.usefixtures("in_new_form")
class TestNewForm:
    """What chapters promise in which the reader predicts and writes."""

    def test_states_how_long_it_takes_to_read_and_to_work_through(self, notebook):
        assert re.search(r"> \*\*Time\.\*\* .* to read, .* to work through\.", text(notebook))

    def test_lets_readers_predict_and_write(self, notebook):
        assert text(notebook).count("> **Predict**") >= 3
        assert text(notebook).count("> **Your turn**") >= 2
        assert len(re.findall(r"(?m)^### Exercise", text(notebook))) >= 6

    def test_shows_few_assertions_on_the_main_line(self, notebook):
        code = "\n".join(cell.source for cell in main_line(notebook))
        assert sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code))) <= 10


def leftovers(html: str) -> list[str]:
    """Return what readers of a rendered notebook would see as source text."""
    page = BeautifulSoup(html, "html.parser")
    for code in page.select(":not(pre) > code"):
        code.decompose()
    prose = re.sub(r"\$\$.*?\$\$|\$[^$]+\$", " ", page.get_text(), flags=re.DOTALL)
    return re.findall(r"\{\w+\}`|:::|```|\{\w[\w-]*\}|\$|\\\w+|\*\*|\]\(", prose)


@pytest.mark.parametrize(
    "source",
    [
        "See {cite}`curry1944`.",
        ":::{admonition} A\n:::",
        "```{solution-end}\n```",
        "$$\na\n$$ (2.1) \\tag{2}",
        "[a] (b) **c* and [d](e f)",
    ],
)
def test_leftovers_are_found(source):
    assert leftovers(render(source))


def render(source: str) -> str:
    """Return a cell's Markdown as JupyterLab shows it without an extension."""
    cells = [nbformat.v4.new_markdown_cell(source)]
    html, _ = HTMLExporter(template_name="basic").from_notebook_node(
        nbformat.v4.new_notebook(cells=cells)
    )
    return html


def test_reads_well_without_an_extension(notebook):
    assert leftovers(render(text(notebook))) == []


def test_links_lead_to_files_equations_works_figures_and_headings(path, root, notebook):
    works = re.findall(r"(?m)^@\w+\{(\w+),", (root / "book" / "references.bib").read_text())
    for link in BeautifulSoup(render(text(notebook)), "html.parser").find_all("a", href=True):
        file, _, anchor = link["href"].partition("#")
        if "://" in file or "anchor-link" in link.get("class", []):
            continue
        target = path.parent / file if file else path
        assert target.is_file(), link
        if target.suffix == ".ipynb" and anchor:
            there = nbformat.read(target, as_version=4)
            figures = [c.metadata.get("mystnb", {}).get("figure", {}) for c in code_cells(there)]
            assert anchor in [*equations(there), *(figure.get("name") for figure in figures)], link
        elif target.name == "bibliography.md":
            assert anchor in works, link


def test_no_helper_is_defined_in_two_notebooks(root):
    places = Counter()
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        code = "\n".join(cell.source for cell in code_cells(nbformat.read(path, as_version=4)))
        defined = [
            node.name
            for node in ast.parse(code).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        ]
        places.update(set(defined))
    assert [name for name, count in places.items() if count > 1] == []


def test_table_of_contents_lists_every_page_once(root):
    toc = yaml.safe_load((root / "_toc.yml").read_text())
    listed = [toc["root"], *(page["file"] for part in toc["parts"] for page in part["chapters"])]
    notebooks = {f"notebooks/{path.stem}" for path in (root / "notebooks").glob("*.ipynb")}
    pages = {f"book/{path.stem}" for path in (root / "book").glob("*.md")}
    assert sorted(listed) == sorted(notebooks | pages)


def test_citations_and_bibliography_match(root):
    sources = [*(root / "notebooks").glob("*.ipynb"), *(root / "book").glob("*.md")]
    contents = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    cited = {
        key.strip()
        for keys in re.findall(r"\{cite[^}]*\}`([^`]+)`", contents)
        for key in keys.split(",")
    }
    cited |= set(re.findall(r"bibliography\.md#(\w+)\)", contents))
    entries = re.findall(r"(?m)^@\w+\{(\w+),", (root / "book" / "references.bib").read_text())
    assert sorted(entries) == sorted(cited)


def test_pictures_are_what_our_code_draws():
    for picture, drawn in pictures.pictures().items():
        assert picture.read_text(encoding="utf-8") == drawn


def test_chapter_2_shows_the_picture_of_the_preface(root):
    picture = (root / "book" / "images" / "network.svg").read_text(encoding="utf-8")
    outputs = [
        output.get("data", {}).get("image/svg+xml")
        for cell in code_cells(nbformat.read(root / "notebooks" / "02-the-model.ipynb", 4))
        for output in cell.outputs
    ]
    assert picture in outputs


def test_equations_that_docstrings_cite_are_in_the_chapters(root):
    library = "\n".join(path.read_text(encoding="utf-8") for path in (root / "nnlib").glob("*.py"))
    cited = [
        label
        for line in re.findall(r"equations? \(.*", library)
        for label in re.findall(r"\((\d+\.\d+)\)", line)
    ]
    notebooks = (root / "notebooks").glob("*.ipynb")
    numbered = {label for path in notebooks for label in equations(nbformat.read(path, 4))}
    assert len(cited) >= 9
    assert set(cited) <= numbered


def test_data_say_where_they_come_from(root):
    data = root / "notebooks" / "data"
    scripts = "\n".join(path.read_text() for path in (root / "scripts").glob("record_*.py"))
    for path in data.glob("*.csv"):
        head = re.match(r"(# .*\n)*", path.read_text())[0]
        assert path.name in scripts or ("Source:" in head and "Terms:" in head), path
        assert f"`{path.name}`" in (data / "README.md").read_text()
