"""Live figures: the directive that places one, its scripts on its pages alone, and its data.

A live figure is a fragment of HTML and a script of the same name in book/live. Where scripts run,
it takes the place of its static version: the figure of class live-NAME, or the output of the
notebook's cell with the tag live-NAME. Writers other than HTML's skip it, and keep that version.
"""

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from nnlib import Network, identity, load_mnist, relu, softmax, softmax_cross_entropy, unpack

DATA = "../../notebooks/data"  # seen from the staged sources
MISREAD = 6  # as in digits.js, which keeps room for their buttons
LEVELS = 2**11 - 1


class Live(SphinxDirective):
    """Place the live figure NAME: ```{live} NAME```. A page may have several, each once."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        relative, path = self.env.relfn2path(f"/book/live/{name}.html")
        if not Path(path).exists():
            known = ", ".join(sorted(file.stem for file in Path(path).parent.glob("*.html")))
            raise self.error(f"expected a live figure, one of {known}, got {name}")
        figures = self.env.metadata[self.env.docname].setdefault("live", [])
        if name in figures:
            raise self.error(f"expected the live figure {name} once on a page, got it twice")
        figures.append(name)
        self.env.note_dependency(relative)
        return [nodes.raw("", Path(path).read_text(encoding="utf-8"), format="html")]


def add_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let a page load what its live figures need, and no other page."""
    names = app.env.metadata.get(page, {}).get("live", [])
    if names:
        app.add_css_file("live/live.css")
        for script in ("live", *names):
            app.add_js_file(f"live/{script}.js", loading_method="defer")


def write_scripts(app: Sphinx) -> None:
    """Put the scripts and the data of the live figures into the built site."""
    if app.builder.name != "html":
        return
    target = Path(app.outdir) / "_static" / "live"
    target.mkdir(parents=True, exist_ok=True)
    for pattern in ("*.js", "*.css"):
        for file in (Path(app.srcdir) / "book" / "live").glob(pattern):
            shutil.copyfile(file, target / file.name)
    data = f"const digitData = {json.dumps(digit_data(Path(app.srcdir) / DATA), indent=1)};\n"
    (target / "digits_data.js").write_text(data, encoding="utf-8", newline="\n")


def digit_data(folder: Path) -> dict[str, Any]:
    """Return chapter 11's network, its weights rounded, and some test images, as base64."""
    network = Network((784, 300, 10), (relu, identity), softmax_cross_entropy)
    theta = network.load(folder / "digit_reader.npz")
    W, b = unpack(rounded(theta, network.n), network.n)
    mnist = load_mnist(folder / "mnist", dtype=np.float32)
    S = softmax(network(theta, mnist.X_test))
    return {
        "W": [None, *(_rows(W_l) for W_l in W[1:])],
        "b": [None, *(_floats(b_l) for b_l in b[1:])],
        "examples": [
            {"index": c, "label": int(mnist.labels_test[c]), "pixels": _bytes(mnist.X_test[:, c])}
            for c in choose(S, mnist.labels_test)
        ],
    }


def rounded(theta: np.ndarray, n: tuple[int, ...]) -> np.ndarray:
    """Return the parameters with 12 bits for a weight, in units of its row's largest.

    That is 0.4 MB to load instead of 1. No answer to a test image changes, and no output of the
    softmax by more than 0.002.
    """
    theta = theta.copy()
    for W_l in unpack(theta, n)[0][1:]:
        steps = _steps(W_l)
        W_l[...] = np.rint(W_l / steps) * steps
    return theta


def _steps(W_l: np.ndarray) -> np.ndarray:
    return (np.abs(W_l).max(axis=1, keepdims=True) / LEVELS).astype(np.float32)


def choose(S: np.ndarray, labels: np.ndarray) -> Iterator[int]:
    """Yield, for each digit, the first test image that is read right; then the surest mistakes."""
    right = S.argmax(axis=0) == labels
    for digit in range(10):
        yield int(np.argmax(right & (labels == digit)))
    yield from np.argsort(np.where(right, 0, -S.max(axis=0)), kind="stable")[:MISREAD].tolist()


def _rows(W_l: np.ndarray) -> dict[str, str]:
    """Return a matrix as whole numbers of steps, low and high bytes apart, which packs better."""
    steps = _steps(W_l)
    numbers = np.rint(W_l / steps).astype("<i2").reshape(-1, 1).view(np.uint8)
    low, high = (base64.b64encode(numbers[:, k].tobytes()).decode() for k in (0, 1))
    return {"steps": _floats(steps), "low": low, "high": high}


def _floats(array: np.ndarray) -> str:
    return base64.b64encode(array.astype("<f4").tobytes()).decode()


def _bytes(pixels: np.ndarray) -> str:
    return base64.b64encode(np.rint(255 * pixels).astype(np.uint8).tobytes()).decode()


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("live", Live)
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
