"""Test the package as users get it: python -m scripts.check_package

Builds the distributions, installs the wheel into clean environments, one with the oldest NumPy that
is supported and one with the newest, and there, where nothing of the checkout can be imported, runs
the tests that the sdist holds, the examples in the docstrings, and mypy over the example of typed
use.
"""

import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
TOOLS = ("hypothesis", "pytest")


def run(*command: object, cwd: Path = ROOT) -> str:
    """Run a command, showing what it says if it fails."""
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def build(folder: Path) -> tuple[Path, Path]:
    """Return the wheel, and the folder of the unpacked sdist."""
    run(sys.executable, "-m", "hatchling", "build", "-d", folder)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return wheel, folder / sdist.name.removesuffix(".tar.gz")


def oldest_numpy() -> str:
    """Return the oldest NumPy that pyproject.toml allows, as pip is asked for it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    numpy = next(r for r in map(Requirement, project["dependencies"]) if r.name == "numpy")
    return f"numpy=={next(iter(numpy.specifier)).version}.*"


def test(wheel: Path, sdist: Path, numpy: str, folder: Path) -> None:
    """Install the wheel with a NumPy, and run its tests in a folder without the library."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(python, "-m", "pip", "install", "--quiet", f"{wheel}[mnist]", numpy, *TOOLS, cwd=folder)
    what = "import numpy, nnlib; print('NumPy', numpy.__version__, 'and', nnlib.__file__)"
    came = run(python, "-I", "-c", what, cwd=folder)
    if str(folder) not in came:
        sys.exit(f"expected the library of {folder}; came {came}")
    for name in ("tests", "pyproject.toml"):
        (sdist / name).rename(folder / name)
    tests = run(python, "-I", "-m", "pytest", "-q", "tests", "--pyargs", "nnlib", cwd=folder)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--python-executable", python)
    types = run(*mypy, ROOT / "examples" / "typed_usage.py", cwd=folder)
    print(came.partition(" and")[0], tests.splitlines()[-1], types.splitlines()[-1], sep=": ")


def main() -> None:
    for numpy in (oldest_numpy(), "numpy"):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name).resolve()
            wheel, sdist = build(folder)
            test(wheel, sdist, numpy, folder)


if __name__ == "__main__":
    main()
