"""Redraw the pictures that pages outside the notebooks show: book/images/*.svg.

python scripts/pictures.py
"""

import sys
from pathlib import Path

from matplotlib.figure import Figure

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))

from figures import (  # noqa: E402
    GRAY,
    ORANGE,
    Diagram,
    draw_graph,
    draw_series_network,
    use_book_style,
)

LIGHT_BLUE = "#2a8fc7"  # the blue of the figures, light enough for a dark page

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


def draw_logo(n: tuple[int, ...] = (2, 3, 1), size: int = 64) -> str:
    """Draw a small network, the links into its output in orange, for light and dark pages."""
    place = {
        (l, i): (round(size * (l + 0.5) / len(n)), round(size * (0.5 + (i - (n_l + 1) / 2) / 3.1)))
        for l, n_l in enumerate(n)
        for i in range(1, n_l + 1)
    }
    links = [(j, i) for j in place for i in place if i[0] == j[0] + 1]
    lines = [
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"/>'.format(
            *place[j], *place[i], *((ORANGE, 4) if i[0] == len(n) - 1 else (GRAY, 2.5))
        )
        for j, i in links
    ]
    dots = [
        f'<circle cx="{x}" cy="{y}" r="7.5" fill="{ORANGE if l == len(n) - 1 else LIGHT_BLUE}"/>'
        for (l, _), (x, y) in place.items()
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
    return "\n".join([head, *lines, *dots, "</svg>", ""])


def pictures() -> dict[Path, str]:
    """Return the text of every picture by its path."""
    use_book_style()
    figures = {"network.svg": draw_series_network(), "chapters.svg": draw_chapters()}
    drawings = {name: Diagram(figure).svg for name, figure in figures.items()}
    drawings["logo.svg"] = draw_logo()
    return {ROOT / "book" / "images" / name: text for name, text in drawings.items()}


if __name__ == "__main__":
    for path, text in pictures().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print("drew", path.relative_to(ROOT))
