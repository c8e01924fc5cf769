"""What every chapter promises its readers, beyond that its code runs (which nbval checks)."""

import ast
import re
from collections import Counter

import nbformat
import yaml

HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}

# Cells that print digits which depend on how a processor rounds. They assert bounds instead, so
# their output is not compared.
BOUNDS_INSTEAD_OF_OUTPUT = {
    "11-digit-recognition": ["after an epoch", "live:", "with pixels up to 255"],
}


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(notebook) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def words(notebook) -> int:
    """Count the words of the prose; a formula counts as one."""
    prose = re.sub(r"\$\$.*?\$\$( \([\d.]+\))?|\$[^$]+\$", " x ", text(notebook), flags=re.DOTALL)
    prose = re.sub(r"(?m)^(:::|```|:label:|:class:).*$|\]\([^)]*\)|\{\w+\}", " ", prose)
    return len(re.findall(r"\w[\w'’-]*", prose))


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
    assert all(set(cell.metadata) <= {"tags", "mystnb"} for cell in notebook.cells)


def test_cells_are_short(notebook):
    for cell in code_cells(notebook):
        assert len(cell.source.splitlines()) <= 15, cell.source


def test_uses_no_magics_and_no_global_random_state(notebook):
    for cell in code_cells(notebook):
        assert not re.search(r"(?m)^\s*[%!]", cell.source), cell.source
        assert "np.random.seed" not in cell.source


def test_formulas_need_no_macros(notebook):
    assert not re.search(r"\\(newcommand|renewcommand|def|DeclareMathOperator)\b", text(notebook))


def test_equations_are_numbered_by_chapter_without_gaps(path, notebook):
    labels = re.findall(r"(?m)^\$\$ \(([^)]+)\)$", text(notebook))
    chapter = int(path.stem[:2])
    assert labels == [f"{chapter}.{k}" for k in range(1, len(labels) + 1)]


def test_links_to_equations_lead_to_them(path, notebook):
    for shown, file, label in re.findall(r"\[\(([\d.]+)\)\]\(([^#)]*)#([\d.]+)\)", text(notebook)):
        assert shown == label
        target = path.parent / file if file else path
        assert f"$$ ({label})" in target.read_text(encoding="utf-8"), f"no equation {label}"


def test_every_mention_of_an_equation_is_a_link(notebook):
    prose = re.sub(r"\$\$.*?\$\$ \([\d.]+\)|\$[^$]+\$", " ", text(notebook), flags=re.DOTALL)
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


def test_states_its_reading_time(notebook):
    minutes = 5 * max(1, round(words(notebook) / 100 / 5))
    assert f"About {minutes} minutes." in text(notebook)


def test_has_the_length_of_a_chapter(notebook):
    assert 2000 <= words(notebook) <= 3500


def test_opens_and_ends_as_every_chapter(path, notebook):
    opening = notebook.cells[0].source
    assert opening.startswith(f"# {int(path.stem[:2])}. ")
    for part in ("**Question.**", "**What you will have built.**", "**What it recalls.**"):
        assert part in opening
    assert f"https://janmr.com/posts/neural-networks/{path.stem}" in opening
    headings = re.findall(r"(?m)^## (.*)$", text(notebook))
    assert headings[-4:] == ["Pitfalls", "Summary", "Exercises", "Further reading"]


def test_exercises_have_solutions_that_are_hidden_and_run(path, notebook):
    chapter = int(path.stem[:2])
    exercises = re.findall(r":label: (ex-[\d-]+)", text(notebook))
    assert exercises == [f"ex-{chapter}-{k}" for k in range(1, len(exercises) + 1)]
    assert len(exercises) >= 4
    start = re.compile(r"```\{solution-start\} (ex-[\d-]+)\n:class: dropdown\n```")
    solved, has_code = [], {}
    for cell in notebook.cells:
        if found := start.fullmatch(cell.source):
            solved.append(found[1])
            has_code[found[1]] = False
        elif cell.source == "```{solution-end}\n```":
            solved.append("end")
        elif cell.cell_type == "code" and solved and solved[-1] != "end":
            has_code[solved[-1]] = True
    assert solved == [part for exercise in exercises for part in (exercise, "end")]
    assert all(has_code.values())


def test_no_helper_is_defined_in_two_notebooks(root):
    places = Counter()
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for cell in code_cells(nbformat.read(path, as_version=4)):
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    places[node.name] += 1
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
    entries = re.findall(r"(?m)^@\w+\{(\w+),", (root / "book" / "references.bib").read_text())
    assert sorted(entries) == sorted(cited)


def test_pictures_are_what_our_code_draws(root, load_module):
    for picture, drawn in load_module(root / "scripts" / "pictures.py").pictures().items():
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
    chapters = {int(path.stem[:2]): path.read_text(encoding="utf-8") for path in notebooks}
    assert len(cited) >= 9
    assert [
        label for label in cited if f"$$ ({label})" not in chapters[int(label.split(".")[0])]
    ] == []


def test_data_say_where_they_come_from(root):
    data = root / "notebooks" / "data"
    scripts = "\n".join(path.read_text() for path in (root / "scripts").glob("record_*.py"))
    for path in data.glob("*.csv"):
        head = re.match(r"(# .*\n)*", path.read_text())[0]
        assert path.name in scripts or ("Source:" in head and "Terms:" in head), path
        assert f"`{path.name}`" in (data / "README.md").read_text()
