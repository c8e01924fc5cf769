"""The scripts that execute the notebooks and fill the folder that the book is built from."""

import io

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from scripts import notebooks

CODE = "from pathlib import Path\n\nprint(Path('../nnlib/constant.py').read_text(), end='')"


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """Return scripts/notebooks.py at work in a small project of its own."""
    for folder in ("nnlib", "notebooks/data", "book"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml", "requirements.txt", "nnlib/constant.py"):
        (tmp_path / name).write_text("one\n")
    (tmp_path / "book" / "index.md").write_text("# Cover\n")
    cells = [new_markdown_cell("# Prose", id="prose"), new_code_cell(CODE, id="code")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "02-small.ipynb")
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(notebooks, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(notebooks, "SOURCE", tmp_path / "_build" / "source")
    monkeypatch.setattr(notebooks, "EXECUTED", tmp_path / "_build" / "executed")
    monkeypatch.setattr(notebooks, "PLAIN", tmp_path / "_build" / "notebooks")
    monkeypatch.setattr(notebooks, "in_parallel", one_after_the_other)
    return notebooks


def one_after_the_other(function, paths, *arguments):
    for path in paths:
        function(path, *arguments)


def staged_output(scripts) -> str:
    notebook = nbformat.read(scripts.SOURCE / "notebooks" / "02-small.ipynb", 4)
    return notebook.cells[1].outputs[0].text


@pytest.fixture
def executions(scripts, monkeypatch) -> list[str]:
    """Return a list that grows by the name of every notebook that is executed."""
    names, execute = [], scripts.execute

    def counted(path):
        names.append(path.name)
        return execute(path)

    monkeypatch.setattr(scripts, "execute", counted)
    return names


@pytest.mark.parametrize(
    "changed",
    [
        "nnlib/constant.py",
        "notebooks/data/new.csv",
        "notebooks/book.mplstyle",
        "requirements.txt",
        "scripts/notebooks.py",
    ],
)
def test_staging_executes_anew_when_an_input_changes(scripts, executions, changed):
    scripts.stage()
    scripts.stage()
    assert executions == ["02-small.ipynb"]
    (scripts.ROOT / changed).parent.mkdir(exist_ok=True)
    (scripts.ROOT / changed).write_text("two\n")
    scripts.stage()
    assert executions == ["02-small.ipynb"] * 2
    assert staged_output(scripts) == (scripts.ROOT / "nnlib" / "constant.py").read_text()


def test_staging_takes_new_prose_without_executing(scripts, executions):
    scripts.stage()
    path = scripts.NOTEBOOKS / "02-small.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[0].source = "# Other prose"
    nbformat.write(notebook, path)
    scripts.stage()
    assert executions == ["02-small.ipynb"]
    staged = nbformat.read(scripts.SOURCE / "notebooks" / "02-small.ipynb", 4)
    assert staged.cells[0].source == "# Other prose"
    assert staged_output(scripts) == "one\n"


def test_staging_leaves_the_tree_alone_and_forgets_what_is_gone(scripts):
    before = (scripts.NOTEBOOKS / "02-small.ipynb").read_bytes()
    gone = scripts.SOURCE / "book" / "gone.md"
    gone.parent.mkdir(parents=True)
    gone.write_text("# Gone\n")
    scripts.stage()
    assert (scripts.NOTEBOOKS / "02-small.ipynb").read_bytes() == before
    assert not gone.exists()
    assert (scripts.SOURCE / "book" / "index.md").exists()


def test_executing_in_place_twice_gives_the_same_bytes(scripts):
    path = scripts.NOTEBOOKS / "02-small.ipynb"
    scripts.execute_in_place(path)
    once = path.read_bytes()
    scripts.execute_in_place(path)
    assert path.read_bytes() == once
    assert nbformat.read(path, 4).cells[1].execution_count == 1


def test_executing_drops_what_editors_leave_behind(scripts):
    path = scripts.NOTEBOOKS / "02-small.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.metadata["widgets"] = {}
    notebook.cells[1].metadata = {"collapsed": True, "tags": ["hide-input"]}
    nbformat.write(notebook, path)
    scripts.execute_in_place(path)
    notebook = nbformat.read(path, 4)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    collapsed = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
    assert notebook.cells[1].metadata == collapsed


def png(colors: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(colors.astype(np.uint8)).save(buffer, "PNG", dpi=(144, 144))
    return buffer.getvalue()


def test_a_plot_gets_a_palette_and_looks_the_same(scripts):
    colors = np.full((200, 300, 3), 255)
    colors[50:150, 20:280] = [0, 114, 178]
    colors[100, 30:31] = [213, 94, 0]
    small = Image.open(io.BytesIO(scripts.with_palette(png(colors))))
    assert small.mode == "P"
    assert small.info["dpi"] == pytest.approx((144, 144), abs=0.1)
    np.testing.assert_array_equal(np.asarray(small.convert("RGB")), colors)


def test_a_picture_that_a_palette_would_spoil_keeps_its_colors(scripts):
    colors = np.random.default_rng(0).integers(0, 256, (100, 100, 3))
    same = Image.open(io.BytesIO(scripts.with_palette(png(colors))))
    np.testing.assert_array_equal(np.asarray(same.convert("RGB")), colors)
