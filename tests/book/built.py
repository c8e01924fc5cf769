"""The pages of the built book, for the tests that read their HTML."""

import re
from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup

SITE = Path(__file__).parents[2] / "_build" / "html"


@cache
def soup(page: str, *, with_mathml: bool = False) -> BeautifulSoup:
    """Return a page whose formulas are empty, or MathML alone: they are most of its elements."""
    parts = "math" if with_mathml else "math|assistive-mml"
    text = (SITE / page).read_text(encoding="utf-8")
    less = re.sub(rf"(?s)<mjx-({parts})\b.*?</mjx-\1>", r"<mjx-\1></mjx-\1>", text)
    return BeautifulSoup(less, "html.parser")
