"""Build JupyterLite into the site, so that chapters run in the page: _build/html/lite.

    python scripts/lite.py

The book has to be built before. Readers find the executed notebooks there with all that they read,
`nnlib` included, which the notebooks import from the folder beside them. Building needs no network.
Readers' browsers load Pyodide from its CDN, or from where BOOK_PYODIDE_URL says: the address of
another copy, or a folder here, which is then copied into the site.
"""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
EXECUTED = ROOT / "_build" / "notebooks"
WORK = ROOT / "_build" / "lite"
BUILT = WORK / "built"
OUTPUT = ROOT / "_build" / "html" / "lite"
CONFIG = "jupyter-lite.json"
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"

# The kernel needs this package, which is not in Pyodide, and would ask the package index for it.
MISSING_IN_PYODIDE = "comm"
INSTALLER_NOTES = {"INSTALLER", "REQUESTED", "direct_url.json"}

EPOCH = 1767225600  # one time for all files: two builds give the same bytes

# Fonts for browsers too old for JupyterLite, and what its own developers use.
UNUSED = ("build/fa-*.eot", "build/fa-*.svg", "build/fa-*.ttf", "build/fa-*.woff")
UNUSED += ("rspack.config*.js", "package.json", "doc/**/*.md")


def contents() -> dict[str, Path]:
    """Return the files that readers find in JupyterLite, by their names there."""
    beside = ROOT / "notebooks"
    files = [*EXECUTED.glob("*.ipynb")]
    files += [*beside.glob("*.py"), *beside.glob("*.mplstyle")]
    named = {file.name: file for file in files}
    named |= {file.relative_to(beside).as_posix(): file for file in beside.glob("data/**/*")}
    named |= {file.relative_to(ROOT).as_posix(): file for file in ROOT.glob("nnlib/**/*.py")}
    return {name: file for name, file in sorted(named.items()) if file.is_file()}


def prepare() -> None:
    """Fill the working folder with the configuration and the files for readers."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(ROOT / "lite", WORK)
    for name, file in contents().items():
        target = WORK / "files" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def pack_wheel(name: str, folder: Path) -> None:
    """Pack a pure Python package as it is installed here into a wheel again."""
    package = importlib.metadata.distribution(name)
    wheel = folder / f"{name}-{package.version}-py3-none-any.whl"
    folder.mkdir()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(package.files):
            if file.suffix != ".pyc" and file.name not in INSTALLER_NOTES:
                archive.writestr(zipfile.ZipInfo(file.as_posix()), file.read_binary())
    os.utime(wheel, (EPOCH, EPOCH))


def point_to_pyodide(place: str) -> None:
    """Write where Pyodide comes from into the configuration."""
    path = WORK / CONFIG
    config = json.loads(path.read_text(encoding="utf-8"))
    base = place.rstrip("/") if is_address(place) else "./pyodide"
    config["jupyter-config-data"]["litePluginSettings"][KERNEL]["pyodideUrl"] = (
        f"{base}/pyodide.mjs"
    )
    path.write_text(json.dumps(config, indent=2), encoding="utf-8")


def is_address(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def build() -> None:
    """Run JupyterLite's own build, afresh, in the working folder, where it keeps its state."""
    command = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", str(BUILT)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(EPOCH)}
    run = subprocess.run(command, cwd=WORK, env=environment, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)


def publish(place: str) -> None:
    """Move what readers need of it into the site, in place of what was there."""
    for pattern in UNUSED:
        for file in BUILT.glob(pattern):
            file.unlink()
    shutil.copyfile(ROOT / "lite" / "index.html", BUILT / "index.html")
    if place and not is_address(place):
        shutil.copytree(place, BUILT / "pyodide")
    shutil.rmtree(OUTPUT, ignore_errors=True)
    shutil.move(BUILT, OUTPUT)
    size = sum(file.stat().st_size for file in OUTPUT.rglob("*") if file.is_file())
    print(f"{OUTPUT.relative_to(ROOT)}: {size / 1e6:.0f} MB")


def main() -> None:
    place = os.environ.get("BOOK_PYODIDE_URL", "")
    prepare()
    pack_wheel(MISSING_IN_PYODIDE, WORK / "pypi")
    if place:
        point_to_pyodide(place)
    build()
    publish(place)


if __name__ == "__main__":
    main()
