"""What is kept of the fonts of formulas."""

import pytest


@pytest.mark.parametrize(
    ("content", "characters"),
    [("x", "x"), (r"\23A7", "⎧"), (r"\2032\2032", "′"), (r"\23A7\23A8", "⎧⎨"), (r"\"", '"')],
)
def test_every_character_that_a_formula_shows_is_kept(root, load_module, content, characters):
    formulas = load_module(root / "book" / "extensions" / "formulas.py")
    found = formulas.characters_in(f'.a::before {{ content: "{content}"; }}')
    assert {*map(ord, characters)} <= found
