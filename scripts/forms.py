"""Turn the plain forms of the notebooks into the forms that Sphinx knows.

The notebooks are in the Markdown that JupyterLab, VS Code, Colab and GitHub show without an
extension. The book has more to offer: numbers, links, boxes, folded solutions. CONTRIBUTING.md
lists both forms side by side.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell

BOX = re.compile(r"^> \*\*(?P<title>[^*\n]+)\*\*(?P<text>(?:\n>.*)*)$", re.MULTILINE)
EQUATION = re.compile(r"\n\\tag\{([\d.]+)\}\n\$\$$", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
EXERCISE = re.compile(r"### Exercise (\d+\.\d+): (.*)")
SOLUTION = re.compile(r"### Solution (\d+\.\d+)")

# Tags of code cells that pages fold, and what of them.
FOLDED = {"imports": "hide-input", "checked": "hide-cell", "our-version": "hide-cell"}


def to_sphinx(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook as Sphinx reads it."""
    parts = map(with_checks_last, split_at_headings(notebook.cells))
    cells = with_hidden_code_joined(with_solutions_below(list(parts)))
    return NotebookNode(notebook, cells=[form for cell in cells for form in forms_of(cell)])


def forms_of(cell: NotebookNode) -> Iterator[NotebookNode]:
    """Yield the cell in Sphinx's forms, and the live figure that a tag asks for."""
    if cell.cell_type == "markdown":
        yield NotebookNode(cell, source=numbered_equations(boxes(cell.source)))
        return
    tags = cell.metadata.get("tags", [])
    yield next((folded(cell, tag) for tag in FOLDED if tag in tags), cell)
    for tag in tags:
        if tag.startswith("live-"):
            yield directive(f"{cell.id}-live", "live", tag.removeprefix("live-"))


def directive(cell_id: str, name: str, argument: str = "", option: str = "") -> NotebookNode:
    """Return a cell with a directive."""
    lines = [f"```{{{name}}} {argument}".rstrip(), option, "```"]
    return new_markdown_cell("\n".join(filter(None, lines)), id=cell_id)


# Text


def boxes(text: str) -> str:
    """Turn blockquotes that begin with a line in bold into boxes with that title."""
    return BOX.sub(box, text)


def box(quote: re.Match) -> str:
    name = quote["title"].lower().replace(" ", "-").replace("this-chapter", "chapter-box")
    text = re.sub(r"(?m)^> ?", "", quote["text"]).strip("\n")
    return f":::{{admonition}} {quote['title']}\n:class: {name}\n{text}\n:::"


def numbered_equations(text: str) -> str:
    """Turn the tags of equations into their labels."""
    return EQUATION.sub(r"\n$$ (\1)", text)


# Code


def folded(cell: NotebookNode, tag: str) -> NotebookNode:
    """Fold a code cell to one line: the comment that it begins with, or else its tag."""
    says = first_comment(cell.source) or tag.capitalize()
    prompts = {"code_prompt_show": says, "code_prompt_hide": says}
    shown = {**cell.metadata.get("mystnb", {}), **prompts}
    tags = list(dict.fromkeys([*cell.metadata.tags, FOLDED[tag]]))
    metadata = from_dict({**cell.metadata, "tags": tags, "mystnb": shown})
    return NotebookNode(cell, metadata=metadata)


def first_comment(code: str) -> str:
    """Return the comment that a cell begins with, in one line."""
    comment = re.match(r"(?:#.*\n?)*", code)[0]
    return " ".join(line.strip("# ") for line in comment.splitlines())


def with_checks_last(part: list[NotebookNode]) -> list[NotebookNode]:
    """Return a part with the cells that only check at its end, where pages fold them together."""
    return sorted(part, key=lambda cell: "checked" in cell.metadata.get("tags", []))


def with_hidden_code_joined(cells: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    """Yield the cells, with hidden code that shows nothing in the hidden code that follows it."""
    before = ""
    for cell, following in pairwise([*cells, new_markdown_cell()]):
        if is_hidden(cell) and is_hidden(following) and shows_nothing(cell):
            before += cell.source + "\n\n\n"
        else:
            yield NotebookNode(cell, source=before + cell.source)
            before = ""


def is_hidden(cell: NotebookNode) -> bool:
    tags = cell.metadata.get("tags", [])
    return "hide-input" in tags and not FOLDED.keys() & set(tags)


def shows_nothing(cell: NotebookNode) -> bool:
    return not cell.outputs and cell.metadata.tags == ["hide-input"]


# Exercises and solutions


def split_at_headings(cells: list[NotebookNode]) -> list[list[NotebookNode]]:
    """Return the cells in parts, each of which begins with a heading."""
    parts = []
    for cell in cells:
        texts = cut_at_headings(cell.source) if cell.cell_type == "markdown" else [cell.source]
        for k, text in enumerate(texts):
            if not parts or (cell.cell_type == "markdown" and HEADING.match(text)):
                parts.append([])
            parts[-1].append(NotebookNode(cell, source=text, id=f"{cell.id}-{k}" if k else cell.id))
    return parts


def cut_at_headings(text: str) -> list[str]:
    """Return a text in parts, each of which but the first begins with a heading."""
    code = [range(*fence.span()) for fence in FENCED.finditer(text)]
    starts = [heading.start() for heading in HEADING.finditer(text)]
    cuts = [start for start in starts if not any(start in span for span in code)]
    return [text[i:j].strip() for i, j in pairwise([0, *cuts, len(text)]) if text[i:j].strip()]


def with_solutions_below(parts: list[list[NotebookNode]]) -> Iterator[NotebookNode]:
    """Yield the cells with each solution below its exercise, and no part for the solutions."""
    exercises = {number: part for part in parts if (number := number_of(part, EXERCISE))}
    solutions = {number: part for part in parts if (number := number_of(part, SOLUTION))}
    if exercises.keys() != solutions.keys():
        raise ValueError(
            f"expected a solution for each of the exercises {', '.join(exercises)}; "
            f"got solutions for {', '.join(solutions)}"
        )
    for part in parts:
        if number := number_of(part, EXERCISE):
            yield from exercise_and_solution(number, part, solutions[number])
        elif not number_of(part, SOLUTION) and part[0].source != "## Solutions":
            yield from part


def number_of(part: list[NotebookNode], heading: re.Pattern) -> str | None:
    """Return the number of the exercise that a part states or solves, if it does."""
    found = heading.match(part[0].source) if part[0].cell_type == "markdown" else None
    return found and found[1]


def exercise_and_solution(
    number: str, exercise: list[NotebookNode], solution: list[NotebookNode]
) -> Iterator[NotebookNode]:
    label, title = f"ex-{number.replace('.', '-')}", EXERCISE.match(exercise[0].source)[2]
    yield directive(f"{label}-start", "exercise-start", title, f":label: {label}")
    yield from without_heading(exercise)
    yield directive(f"{label}-end", "exercise-end")
    yield directive(f"{label}-solution", "solution-start", label, ":class: dropdown")
    yield from without_heading(solution)
    yield directive(f"{label}-solution-end", "solution-end")


def without_heading(part: list[NotebookNode]) -> list[NotebookNode]:
    text = part[0].source.partition("\n")[2].strip()
    return [NotebookNode(part[0], source=text), *part[1:]]
