"""Execute the notebooks: in place, or into the folder that the book is built from.

    python -m scripts.notebooks execute [NAME ...]   re-execute notebooks/*.ipynb in place
    python -m scripts.notebooks stage                fill _build/source with all the book's sources

Execution is reproducible: fresh kernel, no timestamps, one form of the metadata, so that executing
twice gives the same bytes. Plots are stored with a palette, in a third of the bytes. Staging
executes only notebooks whose code, or anything that their code reads, has changed since the last
time: the cache in _build/executed is keyed on all of it. It also turns the plain Markdown of the
notebooks into what Sphinx reads (forms.py).
"""

import argparse
import base64
import hashlib
import io
import multiprocessing
import os
import shutil
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image
from traitlets.config import Config

from scripts.forms import FOLDED, to_sphinx

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
SOURCE = ROOT / "_build" / "source"
EXECUTED = ROOT / "_build" / "executed"
PLAIN = ROOT / "_build" / "notebooks"  # with fresh outputs, for readers to download and to run
# What the book is built from besides the notebooks: its pages, and what they show of other folders.
FOLDERS = ("book", "benchmarks", "examples", "tests/frameworks")

CELL_METADATA = {"tags", "mystnb"}
HIDDEN_CODE = {"hide-input", *FOLDED}  # tags of cells whose code is collapsed in JupyterLab, too
# Without it every kernel warns that it is not.
ENCRYPTED = Config({"KernelManager": {"transport_encryption": "auto"}})
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read(path: Path) -> NotebookNode:
    """Read a notebook, leaving out what editors and kernels add to it."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in sorted(CELL_METADATA & set(cell.metadata))}
        )
        if HIDDEN_CODE & set(cell.metadata.get("tags", [])):
            cell.metadata["jupyter"] = {"source_hidden": True}
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
    temporary.replace(path)


def execute(path: Path) -> NotebookNode:
    """Return the notebook, executed from top to bottom in a fresh kernel."""
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=1200,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
        config=ENCRYPTED,
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for output in [output for cell in notebook.cells for output in cell.get("outputs", ())]:
        data = output.get("data", {})
        if "image/png" in data:
            small = with_palette(base64.b64decode(data["image/png"]))
            data["image/png"] = base64.b64encode(small).decode() + "\n"
    return notebook


def with_palette(png: bytes) -> bytes:
    """Return the picture with as few colors of its own as do not show, or with all of them."""
    picture = Image.open(io.BytesIO(png))
    best = true = picture.convert("RGB")
    for colors, most in ((24, 0.3), (64, 0.15), (256, 0.1)):
        few = true.quantize(colors, kmeans=2, dither=Image.Dither.NONE)
        loss = np.asarray(few.convert("RGB"), dtype=float) - np.asarray(true, dtype=float)
        if np.abs(loss).mean() < most:
            best = few
            break
    buffer = io.BytesIO()
    best.save(buffer, "PNG", optimize=True, dpi=picture.info.get("dpi"))
    return buffer.getvalue()


def execute_in_place(path: Path) -> None:
    write(execute(path), path)
    print("executed", path.relative_to(ROOT), flush=True)


def inputs_digest() -> bytes:
    """Return a digest of everything but their own code that the notebooks' outputs depend on."""
    files = [ROOT / "requirements.txt", ROOT / "scripts" / "notebooks.py"]
    files += [*NOTEBOOKS.glob("*.py"), *NOTEBOOKS.glob("*.mplstyle")]
    files += [*(ROOT / "nnlib").rglob("*.py"), *(NOTEBOOKS / "data").rglob("*")]
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(file for file in files if file.is_file()):
        digest.update(f"{file.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.digest()


def stage_notebook(path: Path, inputs: bytes) -> None:
    """Write the notebook with fresh outputs to the staged sources, from the cache if it can."""
    notebook = read(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    key = hashlib.sha256(inputs + repr([cell.source for cell in code]).encode()).hexdigest()
    cached = EXECUTED / f"{path.stem}-{key[:32]}.ipynb"
    if not cached.exists():
        fresh = execute(path)
        for old in EXECUTED.glob(f"{path.stem}-*.ipynb"):
            old.unlink()
        write(fresh, cached)
        print("executed", path.relative_to(ROOT), flush=True)
    executed = [cell for cell in nbformat.read(cached, 4).cells if cell.cell_type == "code"]
    for cell, run in zip(code, executed, strict=True):
        cell.outputs, cell.execution_count = run.outputs, run.execution_count
    write(notebook, PLAIN / path.name)
    staged = EXECUTED / "staged.ipynb.tmp" / path.name
    write(to_sphinx(notebook), staged)
    copy_if_changed(staged, SOURCE / "notebooks" / path.name)


def copy_if_changed(source: Path, target: Path) -> None:
    """Copy a file unless the target is the same, so that its time stamp tells of a change."""
    if not target.exists() or source.read_bytes() != target.read_bytes():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def stage() -> None:
    """Make _build/source what the book is built from, touching only what has changed."""
    inputs = inputs_digest()
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    in_parallel(stage_notebook, paths, inputs)
    sources = [ROOT / "_config.yml", ROOT / "_toc.yml"]
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*")]
    sources += [file for file in files if file.is_file() and "__pycache__" not in file.parts]
    for file in sources:
        copy_if_changed(file, SOURCE / file.relative_to(ROOT))
    wanted = {SOURCE / file.relative_to(ROOT) for file in [*sources, *paths]}
    wanted |= {PLAIN / path.name for path in paths}
    for file in [*SOURCE.rglob("*"), *PLAIN.glob("*")]:
        if file.is_file() and file not in wanted and "__pycache__" not in file.parts:
            file.unlink()


def in_parallel(function, paths: list[Path], *arguments: object) -> None:
    """Call the function for every path, the last chapters, which take longest, first."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    processes = min(os.cpu_count() or 1, len(paths))
    with ProcessPoolExecutor(max_workers=processes, initializer=watch_parent) as pool:
        for future in [pool.submit(function, path, *arguments) for path in reversed(paths)]:
            future.result()


def watch_parent() -> None:
    """End this process, and so its kernel, when the one that started it is killed."""

    def end_with_parent() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("execute", "stage"))
    parser.add_argument("names", nargs="*", help="notebooks to execute, all by default")
    arguments = parser.parse_args()
    if arguments.command == "stage":
        stage()
    else:
        paths = [NOTEBOOKS / Path(name).name for name in arguments.names]
        in_parallel(execute_in_place, paths or sorted(NOTEBOOKS.glob("*.ipynb")))


if __name__ == "__main__":
    main()
