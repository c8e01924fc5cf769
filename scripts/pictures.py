"""Redraw the pictures that pages outside the notebooks show: book/images/*.svg.

python scripts/pictures.py
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))

from figures import Diagram, draw_graph, draw_series_network, use_book_style  # noqa: E402

CHAPTERS = {
    2: ("the\\ model", (0, 2)),
    3: ("multiple\\ inputs", (1, 2)),
    4: ("optimization", (2, 2)),
    5: ("descent", (2, 1)),
    6: ("derivation", (1, 1)),
    7: ("matrix\\ style", (0, 1)),
    8: ("activations", (0, 0)),
    9: ("implementation", (1, 0)),
    10: ("regression", (2, 0)),
    11: ("digits", (1, -1)),
}
BUILDS_ON = {
    3: [2],
    4: [3],
    5: [4],
    6: [4, 5],
    7: [6],
    8: [7],
    9: [5, 7, 8],
    10: [5, 9],
    11: [9],
}


def draw_chapters() -> Figure:
    """Draw what each chapter builds on."""
    name = {k: rf"\mathrm{{{k}\ \ {title}}}" for k, (title, _) in CHAPTERS.items()}
    place = {name[k]: where for k, (_, where) in CHAPTERS.items()}
    links = [(name[j], name[k]) for k in BUILDS_ON for j in BUILDS_ON[k]]
    return draw_graph(place, links, size=(6.4, 4), box=(124, 32))


def pictures() -> dict[Path, str]:
    """Return the text of every picture by its path."""
    use_book_style()
    drawings = {"network.svg": draw_series_network(), "chapters.svg": draw_chapters()}
    return {ROOT / "book" / "images" / name: Diagram(drawings[name]).svg for name in drawings}


if __name__ == "__main__":
    for path, text in pictures().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print("drew", path.relative_to(ROOT))
