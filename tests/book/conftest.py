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

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


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
def browser() -> Iterator[object]:
    """Start Chromium: the one that CHROMIUM names, which then has to be there, or any."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome", "chrome"]
    path = next(filter(None, map(shutil.which, names)), None)
    assert path or not named, f"CHROMIUM names {named}, which is not there"
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        path = path or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip(f"no browser on the path: none of {', '.join(names)}")
        quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        chromium = playwright.chromium.launch(executable_path=path, args=["--disable-gpu", *quiet])
        yield chromium
        chromium.close()


@pytest.fixture
def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.fixture
def load_module(monkeypatch: pytest.MonkeyPatch):
    """Import a file of scripts/ or notebooks/, which are no packages."""

    def load(path: Path) -> ModuleType:
        monkeypatch.syspath_prepend(path.parent)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, path.stem, module)
        spec.loader.exec_module(module)
        return module

    return load
