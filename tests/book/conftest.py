"""The notebooks and the built pages, for the tests of what the book promises."""

import importlib.util
import os
import shutil
import sys
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
def browser():
    """Start Chromium: the one that CHROMIUM names, which then has to be there, or any."""
    named = os.environ.get("CHROMIUM")
    chromium = shutil.which(named or "chromium") or shutil.which("google-chrome")
    if not chromium:
        assert not named, f"CHROMIUM names {named}, which is not there"
        pytest.skip("no Chromium: install it, or name it in the variable CHROMIUM")
    api = pytest.importorskip("playwright.sync_api")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with api.sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", *quiet]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


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
