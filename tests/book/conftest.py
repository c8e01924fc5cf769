"""The notebooks and the built pages, for the tests of what the book promises."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BROWSER = "needs Chromium: apt-get install chromium libatomic1"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `path` once for every notebook."""
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def site(root: Path) -> Path:
    """Return the folder of the built book."""
    if not (root / "_build" / "html" / "index.html").exists():
        pytest.skip("the book is not built: run make book first")
    return root / "_build" / "html"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium: the one that CHROMIUM names, or any."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome", "chrome"]
    path = next(filter(None, map(shutil.which, names)), named)
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    driver = sync_playwright()
    try:
        playwright = driver.start()
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--disable-gpu", *quiet], timeout=60_000
        )
    except Exception as error:  # of many kinds: the browser, its driver, or a library of theirs
        reason = str(error).strip().partition("\n")[0]
        pytest.skip(f"{BROWSER} ({reason})")
    yield chromium
    chromium.close()
    playwright.stop()


@pytest.fixture
def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.fixture
def load_module(monkeypatch: pytest.MonkeyPatch):
    """Import a file of notebooks/ or book/extensions/, which are no packages."""

    def load(path: Path) -> ModuleType:
        monkeypatch.syspath_prepend(path.parent)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, path.stem, module)
        spec.loader.exec_module(module)
        return module

    return load
