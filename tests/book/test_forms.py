"""The plain forms of the notebooks, turned into Sphinx's: one tiny notebook a form."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from scripts import forms


@pytest.fixture
def staged():
    """Return what Sphinx reads of a notebook: text is Markdown, a pair is code with its tags."""

    def stage(*contents):
        cells = [
            new_markdown_cell(content, id=f"c-{k}")
            if isinstance(content, str)
            else new_code_cell(content[0], metadata={"tags": content[1:]}, id=f"c-{k}")
            for k, content in enumerate(contents)
        ]
        notebook = forms.to_sphinx(new_notebook(cells=cells))
        nbformat.validate(notebook)
        return notebook.cells

    return stage


def sources(cells):
    return [cell.source for cell in cells]


def test_a_blockquote_that_begins_in_bold_becomes_a_box(staged):
    text = "Before.\n\n> **Your turn**\n>\n> Write $z$.\n>\n> - once\n>   more\n\nAfter."
    box = ":::{admonition} Your turn\n:class: your-turn\nWrite $z$.\n\n- once\n  more\n:::"
    assert sources(staged(text)) == [f"Before.\n\n{box}\n\nAfter."]


def test_the_box_of_a_chapter_has_its_own_class(staged):
    (cell,) = staged("> **This chapter**\n>\n> **Question.** Why?")
    assert ":class: chapter-box\n**Question.** Why?" in cell.source


@pytest.mark.parametrize("quote", ["> Said Gauss.", "> **Bold** and more.", "a > **b**"])
def test_other_blockquotes_stay(staged, quote):
    assert sources(staged(quote)) == [quote]


def test_the_tag_of_an_equation_becomes_its_label(staged):
    (cell,) = staged("so\n\n$$\na\n\\tag{2.11}\n$$\n\nand\n\n$$\nb\n$$\n\n$$\nc\n\\tag{2.2}\n$$")
    assert cell.source == "so\n\n$$\na\n$$ (2.11)\n\nand\n\n$$\nb\n$$\n\n$$\nc\n$$ (2.2)"


def test_a_live_figure_stands_below_its_static_one(staged):
    cells = staged(("draw()", "hide-input", "live-descent"))
    assert sources(cells) == ["draw()", "```{live} descent\n```"]


def test_hidden_code_that_shows_nothing_joins_the_hidden_code_that_follows(staged):
    cells = staged(("a = 1", "hide-input"), ("b = 2", "hide-input"), ("plot()", "hide-input"), "So")
    assert sources(cells) == ["a = 1\n\n\nb = 2\n\n\nplot()", "So"]


def test_hidden_code_joins_no_other_code(staged):
    cells = [("a", "hide-input"), ("b",), ("c", "hide-input", "live-descent"), ("d", "hide-input")]
    assert sources(staged(*cells)) == ["a", "b", "c", "```{live} descent\n```", "d"]
    assert sources(staged(("a", "imports", "hide-input"), ("b", "hide-input"))) == ["a", "b"]


def test_hidden_code_keeps_its_output_beside_it():
    shown = new_code_cell("print(1)", metadata={"tags": ["hide-input"]}, id="c-0")
    shown.outputs = [nbformat.v4.new_output("stream", text="1")]
    plot = new_code_cell("plot()", metadata={"tags": ["hide-input"]}, id="c-1")
    cells = forms.to_sphinx(new_notebook(cells=[shown, plot])).cells
    assert sources(cells) == ["print(1)", "plot()"]


@pytest.mark.parametrize(
    ("tag", "hides", "code", "line"),
    [
        ("imports", "hide-input", "import numpy as np", "Imports"),
        ("our-version", "hide-cell", "# Our version\nf()", "Our version"),
        ("checked", "hide-cell", "# Checked: a = b\n# on all.\nf()  # x", "Checked: a = b on all."),
    ],
)
def test_tagged_code_is_folded_to_a_line(staged, tag, hides, code, line):
    (cell,) = staged((code, tag))
    assert cell.source == code
    assert cell.metadata.tags == [tag, hides]
    shown = {"code_prompt_show": line, "code_prompt_hide": line}
    assert cell.metadata.mystnb == shown


def test_what_only_checks_moves_to_the_end_of_its_section(staged):
    cells = staged(
        ("# Checked: a", "checked"), "Text.", ("b",), "## Next\n\nOn.", ("# Checked: c", "checked")
    )
    assert sources(cells) == ["Text.", "b", "# Checked: a", "## Next\n\nOn.", "# Checked: c"]


def test_solutions_move_below_their_exercises(staged):
    cells = staged(
        "## Exercises\n\n### Exercise 2.1: By hand ★\n\nAdd.",
        ("1 + 1",),
        "### Exercise 2.2: Proof ★★★\n\nProve.\n\n## Where to go next\n\nThere.",
        "## Solutions\n\n### Solution 2.1\n\nIt is:",
        ("2",),
        "### Solution 2.2\n\nBy induction.",
    )
    assert sources(cells) == [
        "## Exercises",
        "```{exercise-start} By hand ★\n:label: ex-2-1\n```",
        "Add.",
        "1 + 1",
        "```{exercise-end}\n```",
        "```{solution-start} ex-2-1\n:class: dropdown\n```",
        "It is:",
        "2",
        "```{solution-end}\n```",
        "```{exercise-start} Proof ★★★\n:label: ex-2-2\n```",
        "Prove.",
        "```{exercise-end}\n```",
        "```{solution-start} ex-2-2\n:class: dropdown\n```",
        "By induction.",
        "```{solution-end}\n```",
        "## Where to go next\n\nThere.",
    ]
    assert len({cell.id for cell in cells}) == len(cells)


def test_outputs_move_with_their_cells():
    code = new_code_cell("1 + 1", outputs=[nbformat.v4.new_output("stream", text="2")])
    start = new_markdown_cell("### Exercise 2.1: Sum ★\n\nAdd.\n\n## Solutions\n\n### Solution 2.1")
    cells = forms.to_sphinx(new_notebook(cells=[start, code])).cells
    (moved,) = [cell for cell in cells if cell.cell_type == "code"]
    assert moved.outputs == code.outputs


def test_an_exercise_without_a_solution_is_an_error(staged):
    with pytest.raises(ValueError, match=r"for each of the exercises 2\.1, 2\.2; got .* 2\.1"):
        staged("### Exercise 2.1: A ★\n\n### Exercise 2.2: B ★\n\n## Solutions\n\n### Solution 2.1")


def test_a_comment_in_code_is_no_heading(staged):
    text = "### Exercise 2.1: Find it ★\n\n```python\n# Solution\nx\n```\n\n## Solutions"
    cells = staged(text, "### Solution 2.1\n\nHere.")
    assert "```python\n# Solution\nx\n```" in sources(cells)


def test_staging_twice_gives_the_same():
    text = "# 2. A\n\n## B\n\n### Exercise 2.1: A ★\n\nX.\n\n## Solutions\n\n### Solution 2.1\n\nY."
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    assert forms.to_sphinx(notebook) == forms.to_sphinx(notebook)
