"""Run the code cells of a notebook in order, without a kernel, and write what each gives as JSON.

    python guest.py NOTEBOOK

This is what runs inside WebAssembly, started by `wasm`. The folder of the notebook is the current
one, as for a kernel, and what a cell raises is the last thing that comes.
"""

import ast
import io
import json
import linecache
import os
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path

import matplotlib.pyplot as plt


def show() -> None:
    """Stand in for `plt.show`: print of every open figure what a notebook keeps as its text."""
    for number in plt.get_fignums():
        print(repr(plt.figure(number)))
    plt.close("all")


def run(source: str, place: str, names: dict[str, object]) -> None:
    """Execute a cell, and print the value of its last line if that is an expression."""
    linecache.cache[place] = len(source), None, source.splitlines(keepends=True), place
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, place, "exec"), names)
    if last:
        value = eval(compile(ast.Expression(last.value), place, "eval"), names)
        if value is not None:
            print(repr(value))


def main() -> None:
    notebook = Path(sys.argv[1])
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    os.chdir(notebook.parent)
    plt.show, names, printed = show, {"__name__": "__main__"}, []
    for cell in [cell for cell in cells if cell["cell_type"] == "code"]:
        text = io.StringIO()
        printed.append(text)
        with redirect_stdout(text):
            try:
                run("".join(cell["source"]), f"<cell {len(printed)}>", names)
            except Exception:
                print(traceback.format_exc())
                break
    print(json.dumps([text.getvalue() for text in printed]))


if __name__ == "__main__":
    main()
