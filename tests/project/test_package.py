"""The distributions of nnlib: small, and complete without the book."""

import runpy
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import nnlib

ROOT = Path(__file__).parents[2]
NAME = f"nnlib_book-{nnlib.__version__}"
MODULES = {f"nnlib/{path.name}" for path in (ROOT / "nnlib").glob("*.py")}
TESTS = {f"tests/nnlib/{path.name}" for path in (ROOT / "tests" / "nnlib").glob("*.py")}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """Return a folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    (wheel,) = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def sdist(built) -> Path:
    (sdist,) = built.glob("*.tar.gz")
    return sdist


def test_distributions_are_smaller_than_100_kb(wheel, sdist):
    assert wheel.name == f"{NAME}-py3-none-any.whl"
    assert sdist.name == f"{NAME}.tar.gz"
    assert 10_000 < wheel.stat().st_size < 100_000
    assert 10_000 < sdist.stat().st_size < 100_000


def test_wheel_has_the_library_its_types_and_its_license_only(wheel):
    about = f"{NAME}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    information = {"METADATA", "WHEEL", "RECORD", "licenses/LICENSE"}
    assert names == MODULES | {"nnlib/py.typed"} | {f"{about}/{name}" for name in information}


def test_sdist_has_the_library_and_its_tests_only(sdist):
    with tarfile.open(sdist) as archive:
        names = {member.name.removeprefix(f"{NAME}/") for member in archive if member.isfile()}
    pages = {"README.md", "CHANGELOG.md", "LICENSE"}
    others = {"PKG-INFO", "pyproject.toml", ".gitignore", "nnlib/py.typed"}
    assert names == MODULES | TESTS | pages | others


def test_tests_of_the_sdist_run_without_the_book(sdist, tmp_path):
    """Some that read MNIST and some that do not; scripts/check_package.py runs all of them."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    some = ["tests/nnlib/test_digits.py", "-k", "images or missing"]
    command = [sys.executable, "-m", "pytest", "-q", "-rs", *some]
    run = subprocess.run(command, cwd=tmp_path / NAME, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert "the MNIST files are not here" in run.stdout
    assert " passed, " in run.stdout


def test_typed_example_does_what_it_says(capsys):
    runpy.run_path(str(ROOT / "examples" / "typed_usage.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.endswith(": True") for line in lines)
