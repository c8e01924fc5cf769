"""Redraw the pictures that pages outside the notebooks show: book/images/*.svg.

python scripts/pictures.py
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))

from figures import Diagram, draw_series_network, use_book_style  # noqa: E402


def pictures() -> dict[Path, str]:
    """Return the text of every picture by its path."""
    use_book_style()
    return {ROOT / "book" / "images" / "network.svg": Diagram(draw_series_network()).svg}


if __name__ == "__main__":
    for path, text in pictures().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print("drew", path.relative_to(ROOT))
