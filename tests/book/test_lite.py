"""Running chapters in the page: the button, what JupyterLite holds, and what a browser makes of it.

`make lite` builds what the second half tests. The last test executes chapter 2 with Pyodide, which
it loads from its CDN: it runs only where BOOK_TEST_PYODIDE is set.
"""

import functools
import http.server
import json
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup
from built import SITE, soup
from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL
from nbclient import NotebookClient
from playwright.sync_api import Browser, Page, Request
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from scripts import jupyterlite

ROOT = Path(__file__).parents[2]
LITE = SITE / "lite"
NOTEBOOKS = ROOT / "notebooks"
CHAPTERS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
REPOSITORY = "https://github.com/somebody/a.book"
SETTINGS = ("BOOK_LITE", "BOOK_PYODIDE_URL", "BOOK_REPOSITORY_URL")

needs_site = pytest.mark.skipif(
    not (SITE / "index.html").exists(), reason="the book is not built: run make lite first"
)
needs_lite = pytest.mark.skipif(
    not (LITE / "jupyter-lite.json").exists(),
    reason="needs JupyterLite in the book: make lite",
)
needs_pyodide = pytest.mark.skipif(
    not os.environ.get("BOOK_TEST_PYODIDE"),
    reason="needs Pyodide from its CDN, and JupyterLite: make lite, BOOK_TEST_PYODIDE=1 make test",
)


# The button


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Build a book of two pages, with settings from the environment, and return a page."""
    source, site = tmp_path / "source", tmp_path / "site"
    for page in ("index", "notebooks/02-the-model"):
        path = source / f"{page}.rst"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(":orphan:\n\nThe model\n=========\n\nText.\n", encoding="utf-8")
    (site / "lite").mkdir(parents=True)
    monkeypatch.syspath_prepend(ROOT / "book" / "extensions")

    def run(page: str = "notebooks/02-the-model", **settings: str) -> BeautifulSoup:
        for name in SETTINGS:
            monkeypatch.delenv(name, raising=False)
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with patch_docutils(), docutils_namespace():
            overrides = {"extensions": ["run_chapter"], "html_theme": "basic"}
            doctrees = tmp_path / "doctrees"
            app = Sphinx(source, None, site, doctrees, "html", overrides, status=None)
            app.build()
        return BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")

    return run


def test_pages_have_no_button_unless_asked(build):
    assert not build().select(".run-chapter")
    assert not build(BOOK_REPOSITORY_URL="https://example.org/somebody/book").select(".run-chapter")


def test_button_comes_after_the_title_of_chapters_and_says_what_it_will_load(build, tmp_path):
    page = build(BOOK_LITE="1")
    button = page.select_one("h1 + details.run-chapter")
    assert button.summary.get_text() == "Run this chapter"
    assert not button.has_attr("open")
    (link,) = button.select("a")
    assert link["href"] == "../lite/notebooks/index.html?path=02-the-model.ipynb"
    assert "from cdn.jsdelivr.net" in button.get_text()
    assert (tmp_path / "site" / "lite").exists()
    assert not build("index", BOOK_LITE="1").select(".run-chapter")


def test_button_says_where_else_pyodide_comes_from(build):
    elsewhere = build(BOOK_LITE="1", BOOK_PYODIDE_URL="https://example.org/pyodide/").get_text()
    assert "from example.org" in elsewhere
    assert "jsdelivr" not in elsewhere
    here = build(BOOK_LITE="1", BOOK_PYODIDE_URL="pyodide").get_text()
    assert "from this site" in here
    assert "jsdelivr" not in here


def test_site_without_the_button_keeps_no_jupyterlite(build, tmp_path):
    assert build(BOOK_LITE="1").select(".run-chapter")
    assert not build().select(".run-chapter")
    assert not (tmp_path / "site" / "lite").exists()


@pytest.mark.parametrize("address", [REPOSITORY, f"{REPOSITORY}/", f"{REPOSITORY}.git"])
def test_binder_and_colab_open_the_notebook_of_the_repository(build, address):
    button = build(BOOK_REPOSITORY_URL=address).select_one("h1 + details.run-chapter")
    binder, colab = (urlsplit(link["href"]) for link in button.select("a"))
    assert (binder.netloc, binder.path) == ("mybinder.org", "/v2/gh/somebody/a.book/main")
    opened = parse_qs(binder.query)["urlpath"][0].removeprefix("lab/tree/")
    blob = "/github/somebody/a.book/blob/main/"
    assert (colab.netloc, colab.path) == ("colab.research.google.com", blob + opened)
    assert (ROOT / opened).is_file()
    assert button.select_one(".highlight pre").get_text().startswith("!git clone ")
    assert "jsdelivr" not in button.get_text()


@pytest.mark.skipif(
    not (shutil.which("git") and (ROOT / ".git").exists()), reason="needs a clone and git"
)
def test_cell_for_colab_finds_all_that_a_notebook_imports(load_module, tmp_path):
    """In a kernel that starts in an empty folder, with the clone in place of the repository."""
    extension = load_module(ROOT / "book" / "extensions" / "run_chapter.py")
    cell = extension.colab_cell("somebody/book")
    cell = cell.replace("https://github.com/somebody/book", f"file://{ROOT} book")
    check = "import nnlib, figures, pathlib; print(pathlib.Path(nnlib.__file__).parents[1])"
    cells = [nbformat.v4.new_code_cell(source) for source in (cell, check)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    printed = notebook.cells[1].outputs[0].text.strip()
    assert Path(printed).resolve() == (tmp_path / "book").resolve()


# What JupyterLite holds


def test_wheel_of_an_installed_package_is_whole_and_always_the_same(tmp_path):
    for folder in ("first", "second"):
        jupyterlite.pack_wheel("comm", tmp_path / folder)
    (first,), (second,) = ((tmp_path / name).iterdir() for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_mtime == second.stat().st_mtime
    names = zipfile.ZipFile(first).namelist()
    assert "comm/base_comm.py" in names
    assert {name.rpartition("/")[2] for name in names} >= {"METADATA", "RECORD", "WHEEL"}
    assert not [name for name in names if name.endswith(".pyc")]


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("https://example.org/pyodide/", "https://example.org/pyodide/pyodide.mjs"),
        ("folder", "./pyodide/pyodide.mjs"),
    ],
)
def test_pyodide_comes_from_where_the_setting_says(place, url, tmp_path, monkeypatch):
    folder = {name: tmp_path / name for name in ("work", "built", "output")}
    monkeypatch.setattr(jupyterlite, "ROOT", tmp_path)
    monkeypatch.setattr(jupyterlite, "WORK", folder["work"])
    monkeypatch.setattr(jupyterlite, "BUILT", folder["built"])
    monkeypatch.setattr(jupyterlite, "OUTPUT", folder["output"])
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "lite", tmp_path / "lite")
    shutil.copytree(ROOT / "lite", folder["work"])
    for name in ("folder", "built"):
        (tmp_path / name).mkdir()
    (tmp_path / "folder" / "pyodide.mjs").touch()
    jupyterlite.point_to_pyodide(place)
    jupyterlite.publish(place)
    assert pyodide_url(folder["work"]) == url
    assert (folder["output"] / "pyodide" / "pyodide.mjs").exists() == (place == "folder")


def kernel_settings(folder: Path) -> dict:
    config = json.loads((folder / "jupyter-lite.json").read_text(encoding="utf-8"))
    settings = config["jupyter-config-data"]["litePluginSettings"]
    return settings["@jupyterlite/pyodide-kernel-extension:kernel"]


def pyodide_url(folder: Path) -> str | None:
    return kernel_settings(folder).get("pyodideUrl")


def pyodide_place(address: str) -> str:
    """Return the address of the folder that Pyodide comes from in the site that is built."""
    url = pyodide_url(LITE) or f"{PYODIDE_CDN_URL}/pyodide.mjs"
    return urljoin(f"{address}/lite/", url).removesuffix("pyodide.mjs")


@needs_site
@pytest.mark.parametrize("page", ["index", *(f"notebooks/{chapter}" for chapter in CHAPTERS)])
def test_chapters_have_the_button_where_there_is_jupyterlite(page):
    path = SITE / f"{page}.html"
    links = [
        urlsplit(link["href"])
        for link in soup(f"{page}.html").select("a.run-chapter-open[href^='../lite/']")
    ]
    assert len(links) == (LITE.exists() and page != "index")
    for link in links:
        assert (path.parent / link.path).is_file()
        assert (LITE / "files" / parse_qs(link.query)["path"][0]).is_file()


@needs_site
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_downloaded_notebook_is_the_chapter_as_we_wrote_it(chapter):
    (link,) = soup(f"notebooks/{chapter}.html").select("a.btn-download-source-button")
    notebook = nbformat.read(SITE / "notebooks" / link["href"], as_version=4)
    nbformat.validate(notebook)
    written = nbformat.read(NOTEBOOKS / f"{chapter}.ipynb", as_version=4)
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in written.cells]
    assert any(cell.get("outputs") for cell in notebook.cells)


@needs_lite
def test_jupyterlite_holds_all_that_the_notebooks_read():
    beside = [NOTEBOOKS, NOTEBOOKS / "data", NOTEBOOKS / "data" / "mnist", ROOT / "nnlib"]
    for folder in beside:
        base = ROOT if folder.name == "nnlib" else NOTEBOOKS
        for file in folder.iterdir():
            if file.suffix in {".py", ".mplstyle", ".csv", ".npz", ".gz"}:
                copy = LITE / "files" / file.relative_to(base)
                assert copy.read_bytes() == file.read_bytes(), copy
    for chapter in CHAPTERS:
        cells = nbformat.read(LITE / "files" / f"{chapter}.ipynb", as_version=4).cells
        assert any(cell.get("outputs") for cell in cells)


@needs_lite
def test_kernel_finds_on_the_site_what_is_not_in_pyodide():
    """It would otherwise ask the package index, a host that the button does not name."""
    assert kernel_settings(LITE)["disablePyPIFallback"] is True
    index = json.loads((LITE / "pypi" / "all.json").read_text(encoding="utf-8"))
    ((release,),) = index["comm"]["releases"].values()
    assert (LITE / "pypi" / release["filename"]).is_file()


@needs_lite
def test_jupyterlite_carries_nothing_for_its_own_developers():
    files = [file for file in LITE.rglob("*") if file.is_file() and "pyodide" not in file.parts]
    assert not [file for file in files if file.suffix == ".map"]
    assert sum(file.stat().st_size for file in files) < 45e6


# In a browser


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the site, from a folder below the root of its host, as GitHub Pages does."""
    handler = functools.partial(QuietHandler, directory=SITE.parent)
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/{SITE.name}"
        server.shutdown()


class Visit:
    """A page in a fresh browser, and the requests that it makes to other hosts."""

    def __init__(self, browser: Browser, address: str, offline: bool) -> None:
        self.address = address
        self.elsewhere: list[Request] = []
        context = browser.new_context()
        context.set_default_timeout(120_000)
        if offline:
            context.route(self.is_elsewhere, lambda route: route.abort())
        context.on("request", self.note)
        self.page: Page = context.new_page()

    def is_elsewhere(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and parts.netloc != urlsplit(self.address).netloc

    def note(self, request: Request) -> None:
        if self.is_elsewhere(request.url):
            self.elsewhere.append(request)

    def open_notebook(self, name: str) -> None:
        self.page.goto(f"{self.address}/lite/notebooks/index.html?path={name}")
        self.page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.model")
        self.page.locator(".jp-Notebook h1").first.wait_for()

    def run_all(self) -> list[dict]:
        """Run the notebook that is open from top to bottom and return its code cells."""
        self.page.evaluate(
            """async () => {
                await jupyterapp.shell.currentWidget.sessionContext.ready;
                await jupyterapp.commands.execute("notebook:run-all-cells");
            }"""
        )
        notebook = self.page.evaluate("jupyterapp.shell.currentWidget.content.model.toJSON()")
        return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    visit = Visit(browser, address, offline=True)
    yield visit
    visit.page.context.close()


@needs_lite
def test_button_asks_no_other_host_and_leads_to_the_notebook(visit):
    page = visit.page
    page.goto(f"{visit.address}/notebooks/02-the-model.html")
    link = page.locator("a.run-chapter-open").first
    assert not link.is_visible()
    page.locator("details.run-chapter > summary").focus()
    page.keyboard.press("Enter")
    assert link.is_visible()
    assert "cdn.jsdelivr.net" in page.locator("details.run-chapter").inner_text()
    page.wait_for_load_state("networkidle")
    assert visit.elsewhere == []
    link.click()
    page.locator(".jp-Notebook h1", has_text="The model").wait_for()


@needs_lite
def test_list_of_files_asks_no_other_host(visit):
    visit.page.goto(f"{visit.address}/lite/tree/index.html")
    visit.page.get_by_text("02-the-model.ipynb").wait_for()
    visit.page.wait_for_load_state("networkidle")
    assert visit.elsewhere == []


@needs_lite
def test_notebook_shows_its_text_and_outputs_and_asks_for_pyodide_only(visit):
    place = pyodide_place(visit.address)
    with visit.page.context.expect_event("request", lambda request: request.url.startswith(place)):
        visit.open_notebook("02-the-model.ipynb")
    assert visit.page.locator(".jp-Notebook h1").first.inner_text().strip() == "2. The model"
    visit.page.locator(".jp-Notebook mjx-container").first.wait_for()
    visit.page.locator(".jp-OutputArea-output img").first.wait_for()
    assert [r.url for r in visit.elsewhere if not r.url.startswith(place)] == []


def images(cells: list[dict]) -> list[int]:
    """Return how many images each code cell shows."""
    return [
        sum("image/png" in output.get("data", {}) for output in cell["outputs"])
        for cell in cells
        if cell["cell_type"] == "code"
    ]


@needs_lite
@needs_pyodide
@pytest.mark.timeout(1200)
def test_chapter_2_runs_in_the_browser(browser, address):
    """From top to bottom with NumPy and matplotlib, its assertions included."""
    visit = Visit(browser, address, offline=False)
    visit.page.set_default_timeout(600_000)
    visit.open_notebook("02-the-model.ipynb")
    cells = visit.run_all()
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert images(cells) == images(nbformat.read(LITE / "files" / "02-the-model.ipynb", 4).cells)
    place = pyodide_place(address)
    assert [r.url for r in visit.elsewhere if not r.url.startswith(place)] == []
    answered = [request for request in visit.elsewhere if request.failure is None]
    loaded = sum(request.sizes()["responseBodySize"] for request in answered)
    assert loaded < 45e6, "the button says about 30 MB"
