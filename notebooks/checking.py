"""How `check` tries a function of the reader's, and finds words for what is wrong with it.

The modules `tasks_02` to `tasks_11` say what the chapters ask for. This one runs the reader's
function on the cases, compares shapes first and then values, and looks for the likely cause: it
makes each typical mistake itself, and if the reader's results are the same as those with the
mistake, it names it.
"""

import contextlib
import dis
import inspect
import io
import itertools
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, TypeAlias, TypeGuard

import numpy as np

Function: TypeAlias = Callable[..., Any]
Leaves: TypeAlias = dict[str, Any]
"""Results as named arrays, such as {"dW[1]": ..., "dW[2]": ..., "db[1]": ..., "db[2]": ...}."""
Shapes: TypeAlias = dict[str, tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class Task:
    """What a chapter asks for, and what is tried on the answer.

    Attributes
    ----------
    arguments, returns : str
        The names of the arguments and of the results, such as "W, b, g, a" and "z, a".
    cases : callable
        ``cases()`` gives tuples of arguments. Those that tell mistakes apart best come first.
    right : callable
        What is expected, computed slowly and independently. It is given float64.
    passed : str or callable
        What a right answer has shown; ``{}`` stands for the number of cases in
        float64. Or ``passed(function)`` says it.
    model : callable
        The function as one would write it, with a keyword argument for each place where mistakes
        are made.
    mistakes : mapping
        For each such place, hints, and what is wrong there in the case of each.
    read : callable
        ``read(result)`` turns a result that does not consist of numbers into one that does, or
        raises a `MisfitError`.
    view : callable
        ``view(leaves, *arguments)`` turns results of the right shapes into what is compared.
    explain : callable
        ``explain(leaves)`` is a hint for wrong values that no mistake explains, or "".
    properties : mapping
        What right values alone do not show: words for a failure, and a test of the function.
    remarks : mapping
        The same for what does not make an answer wrong.
    objection : callable
        ``objection(function)`` says what is wrong with a function whose values are right, where
        that takes words which depend on the function, or "".
    errors : mapping
        Hints for an exception that the function raises, by a regular expression that is found in
        its type and message, such as "IndexError" or "TypeError.* list".
    """

    arguments: str
    returns: str
    cases: Callable[[], Iterable[tuple[Any, ...]]]
    right: Function
    passed: str | Callable[[Function], str]
    model: Function
    mistakes: Mapping[str, Mapping[str, Any]]
    read: Callable[[Any], Any] = lambda result: result
    view: Callable[..., Leaves] = lambda leaves, *arguments: leaves
    explain: Callable[[Leaves], str] = lambda leaves: ""
    properties: Mapping[str, Callable[[Function], bool]] = field(
        default_factory=dict
    )
    remarks: Mapping[str, Callable[[Function], bool]] = field(
        default_factory=dict
    )
    objection: Callable[[Function], str] = lambda function: ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The names of the results, in order."""
        return self.returns.split(", ")


@dataclass(frozen=True)
class Trial:
    """A function on one case: what was expected, what it returned or raised, what it changed."""

    arguments: tuple[Any, ...]
    result: Any
    shapes: Shapes
    expected: Leaves
    came: Leaves | Exception
    changed: list[str]
    single: bool

    @property
    def is_right(self) -> bool:
        """Whether the results are right, and the arguments as they were."""
        return same(self.came, self.expected, self.single) and not self.changed

    @property
    def fits(self) -> bool:
        """Whether the results are of the right kind and shapes."""
        return isinstance(self.came, dict) and shapes(self.came) == shapes(
            self.expected
        )


class MisfitError(Exception):
    """A result that is not even of the right kind; the message says so."""


def report(function: Function, name: str, task: Task) -> None:
    """Print what is right or wrong with a function, or show the exception that it raised."""
    refused = refused_arguments(function, task)
    if refused:
        print(f"{name}: expected the arguments ({task.arguments}); {refused}.")
        return
    trials: list[Trial] = []
    with np.errstate(all="ignore"):
        for case in solved(task):
            # What the function prints is of interest once.
            with silence() if trials else contextlib.nullcontext():
                trials.append(try_on(function, task, *case))
        with silence():
            text, error = verdict(function, name, task, trials)
    print(
        textwrap.fill(text, 78, subsequent_indent="  ", break_on_hyphens=False)
    )
    if error:
        show(error)


def verdict(
    function: Function, name: str, task: Task, trials: list[Trial]
) -> tuple[str, Exception | None]:
    """Return what to print, and the reader's exception if there is one to show."""
    bad = next((trial for trial in trials if not trial.is_right), None)
    if bad is None:
        return f"{name}: {judge_right(function, task, trials)}", None
    if is_unwritten(function, bad.came):
        text = "not written yet. Put your code in place of the dots."
        return f"{name}: {text}", None
    # What changes its arguments goes wrong for that reason.
    hint = changes(trials) or find_mistake(task, trials)
    if not hint:
        for trial in trials:
            if raised(trial.came):
                text = f"{name} raised {type(trial.came).__name__} for"
                text = (
                    f"{text} {sizes(task, trial)}. {meaning(task, trial.came)}"
                )
                return text.strip(), trial.came
        hint = complain(task, bad)
    return " ".join([f"{name}: not right yet.", *where(bad), hint]), None


def meaning(task: Task, error: Exception) -> str:
    """Return what an exception probably means, or ""."""
    said = f"{type(error).__name__}: {error}"
    return next(
        (
            words
            for known, words in task.errors.items()
            if re.search(known, said)
        ),
        "",
    )


def judge_right(function: Function, task: Task, trials: list[Trial]) -> str:
    """Return what right values have shown, unless a property does not hold all the same."""
    for words, holds in task.properties.items():
        if not holds(function):
            return f"not right yet. {words}"
    objection = task.objection(function)
    if objection:
        return f"not right yet. {objection}"
    remarks = [
        words for words, holds in task.remarks.items() if not holds(function)
    ]
    if isinstance(task.passed, str):
        passed = task.passed.format(sum(not trial.single for trial in trials))
    else:
        passed = task.passed(function)
    return " ".join(["right.", passed, *precision(trials), *remarks])


def refused_arguments(function: Function, task: Task) -> str:
    """Return why a function cannot be called with the arguments of its task, or ""."""
    try:
        inspect.signature(function).bind(*solved(task)[0][0])
    except TypeError as error:
        return str(error)
    except ValueError:  # some functions written in C have no signature
        return ""
    return ""


def try_on(
    function: Function, task: Task, arguments: tuple[Any, ...], result: Any
) -> Trial:
    """Run a function on copies of the arguments, and see what it returns and changes."""
    like = take_apart(result, task.names, result)
    given = copied(arguments)
    came = outcome(function, task, given, result)
    named = zip(task.arguments.split(", "), arguments, given, strict=False)
    changed = [part for parts in named for part in differences(*parts)]
    single = any(x.dtype == np.float32 for x in arrays(arguments))
    expected = task.view(like, *arguments)
    return Trial(
        arguments, result, shapes(like), expected, came, changed, single
    )


@cache
def solved(task: Task) -> list[tuple[tuple[Any, ...], Any]]:
    """Return the cases of a task, each with the right result."""
    return [
        (case, task.right(*copied(case, np.float64))) for case in task.cases()
    ]


def outcome(
    function: Function, task: Task, arguments: tuple[Any, ...], like: Any
) -> Leaves | Exception:
    """Return what a function returns, as named arrays, or what it raises."""
    try:
        result = task.read(function(*arguments))
        leaves = take_apart(result, task.names, like)
    except Exception as error:
        return error
    if shapes(leaves) != shapes(take_apart(like, task.names, like)):
        return leaves
    return task.view(leaves, *arguments)


def take_apart(result: Any, names: list[str], like: Any) -> Leaves:
    """Return results as named arrays, or raise a MisfitError if they are not like others."""
    if result is None:
        raise MisfitError("It returns None: is the return missing?")
    if len(names) == 1:
        result, like = (result,), (like,)
    expected = f"expected {len(names)} results, {listed(names)}"
    if not isinstance(result, list | tuple):
        raise MisfitError(f"It returns {kind(result)}; {expected}.")
    if len(result) != len(names):
        raise MisfitError(
            f"It returns {kind(result)} of {len(result)}; {expected}."
        )
    try:
        return named(result, names, like)
    except MisfitError:
        if is_exchanged(result, names, like):
            order = f"return {', '.join(names)}"
            text = f"The results are in the wrong order: {order}."
            raise MisfitError(text) from None
        raise


def named(result: Any, names: list[str], like: Any) -> Leaves:
    """Return as many results as there are names as named arrays, or raise a MisfitError."""
    leaves: Leaves = {}
    for name, part, other in zip(names, result, like, strict=True):
        if isinstance(other, list):
            leaves |= layers(name, part, other)
        else:
            leaves[name] = as_array(name, part, np.ndim(other))
    return leaves


def is_exchanged(result: Any, names: list[str], like: Any) -> bool:
    """Return whether two results that do not fit would fit in the other order."""
    if len(names) != 2:
        return False
    try:
        leaves = named(result[::-1], names, like)
    except MisfitError:
        return False
    return shapes(leaves) == shapes(named(like, names, like))


def layers(name: str, entries: Any, like: list[Any]) -> Leaves:
    """Return the arrays of a list such as Z or A, without the placeholder at index 0."""
    if not isinstance(entries, list | tuple):
        message = f"{name} is {kind(entries)}; expected a list of arrays, one for each layer."
        raise MisfitError(message)
    L, has_first = len(like) - 1, np.size(like[0]) > 0
    first: Any = entries[0] if entries else None
    begins = np.array_equal(first, like[0]) if has_first else size(first) <= 1
    if len(entries) != L + 1:
        first_input = " = X" if name.isupper() else " = x"
        zero = f"{name}[0]{first_input if has_first else ', a placeholder,'}"
        text = f"{name} has {len(entries)} entries; expected {L + 1}, from {zero} to {name}[{L}]."
        if len(entries) == L:
            text += f" Is {f'layer {L}' if begins else f'{name}[0]'} missing?"
        if len(entries) == L + 2 and not size(entries[1]):
            text += " Does the loop start at layer 0? The first that computes is layer 1."
        raise MisfitError(text)
    if not has_first and not begins:
        text = f"{name}[0] holds numbers; expected a placeholder, such as None: {name}[1]"
        raise MisfitError(f"{text} belongs to the first layer.")
    leaves = {}
    for l in range(0 if has_first else 1, L + 1):
        leaf = f"{name}[{l}]"
        leaves[leaf] = as_array(leaf, entries[l], np.ndim(like[l]))
    return leaves


def as_array(name: str, x: Any, axes: int) -> Any:
    """Return numbers as an array; a list may stand for a vector, but not for a matrix."""
    if x is None or x is ...:
        raise MisfitError(f"{name} is {x}: was it never set?")
    expected = "an array of numbers" if axes else "a number"
    if isinstance(x, np.matrix | np.ma.MaskedArray):
        text = f"{name} is {kind(x)}, whose operators have rules of their own"
        raise MisfitError(f"{text}; expected a plain array.")
    if isinstance(x, list | tuple) and axes != 1:
        raise MisfitError(f"{name} is {kind(x)}; expected {expected}.")
    try:
        array = np.asarray(x)
        array = array.astype(float) if array.dtype == object else array
    except (TypeError, ValueError):
        text = f"{name} is {kind(x)}; expected {expected}."
        raise MisfitError(text) from None
    if array.dtype == bool:
        text = f"{name} has dtype bool; expected numbers"
        raise MisfitError(f"{text}: multiply by 1.0, as in 1.0 * (Z > 0).")
    if array.dtype.kind not in "fiu":
        text = f"{name} has dtype {array.dtype}; expected real numbers."
        raise MisfitError(text)
    return array


def same(
    came: Leaves | Exception, other: Leaves | Exception, single: bool
) -> bool:
    """Return whether two outcomes are the same: both raise, or agree up to rounding."""
    if not (isinstance(came, dict) and isinstance(other, dict)):
        return raised(came) and raised(other)
    if came.keys() != other.keys():
        return False
    return all(close(came[leaf], other[leaf], single) for leaf in came)


def close(x: Any, y: Any, single: bool = False) -> bool:
    """Return whether arrays agree to ten digits of the largest element, in float32 to five."""
    if x.shape != y.shape:
        return False
    tolerance = 1e-5 if single or np.float32 in (x.dtype, y.dtype) else 1e-10
    scale = np.abs(y[np.isfinite(y)]).max(initial=1e-3)
    return np.allclose(x, y, rtol=0, atol=tolerance * scale, equal_nan=True)


def find_mistake(task: Task, trials: list[Trial]) -> str:
    """Return the hints of the one or two mistakes that lead to the same results, or "".

    Cases in which the function returns nothing to compare are left out.
    """
    trials = [trial for trial in trials if isinstance(trial.came, dict)]
    if not trials:
        return ""
    singles = [
        ({place: formula}, hint)
        for place, formulas in task.mistakes.items()
        for hint, formula in formulas.items()
    ]
    for pieces, hint in singles:
        if explains(pieces, task, trials):
            return hint
    for (one, first), (two, second) in itertools.combinations(singles, 2):
        if one.keys() != two.keys() and explains(one | two, task, trials):
            return f"Two things. {first} And: {second}"
    return ""


def explains(
    pieces: Mapping[str, Any], task: Task, trials: list[Trial]
) -> bool:
    """Return whether the model does the same in every case when these mistakes are made in it."""
    model, differs = partial(task.model, **pieces), False
    for trial in trials:
        came = outcome(model, task, copied(trial.arguments), trial.result)
        if not same(trial.came, came, trial.single):
            return False
        differs = differs or not same(came, trial.expected, trial.single)
    return differs


def where(trial: Trial) -> list[str]:
    """Say which results are right if some are, by layers where that says it all."""
    if not trial.fits or not isinstance(trial.came, dict):
        return []
    verdicts = {
        leaf: close(trial.came[leaf], trial.expected[leaf], trial.single)
        for leaf in trial.came
        if leaf not in ("A[0]", "a[0]")
    }
    by_layer: dict[str, list[bool]] = {}
    for leaf, fits in verdicts.items():
        by_layer.setdefault(leaf.partition("[")[2].rstrip("]"), []).append(fits)
    word, parts = "", verdicts
    if "" not in by_layer and all(
        len(set(fits)) == 1 for fits in by_layer.values()
    ):
        word, parts = "layer", {l: fits[0] for l, fits in by_layer.items()}
    right = [part for part, fits in parts.items() if fits]
    wrong = [part for part, fits in parts.items() if not fits]
    if not right or not wrong:
        return []
    return [f"Right: {listed(right, word)}; wrong: {listed(wrong, word)}."]


def complain(task: Task, trial: Trial) -> str:
    """Say what is wrong with the results of a case where no known mistake explains them."""
    came, expected = trial.came, trial.expected
    if isinstance(came, Exception):
        return str(came)
    if is_swapped(task, trial):
        return f"The results are in the wrong order: return {task.returns}."
    if not trial.fits:
        leaf = next(
            leaf for leaf in came if came[leaf].shape != trial.shapes[leaf]
        )
        return misshapen(leaf, came[leaf].shape, trial.shapes[leaf])
    hint = task.explain(came)
    if hint:
        return hint
    wrong = [
        leaf
        for leaf in came
        if not close(came[leaf], expected[leaf], trial.single)
    ]
    leaf = wrong[0]
    x, y = came[leaf], expected[leaf]
    if not np.isfinite(x).all():
        return f"{leaf} has NaN or infinity, for {sizes(task, trial)}."
    if x.dtype.kind in "iu" and y.dtype.kind not in "iu":
        return f"{leaf} holds whole numbers only: np.zeros(..., dtype=int) cuts off the rest."
    if x.dtype == np.float16:
        return f"{leaf} has dtype float16, which keeps three digits."
    if x.ndim == 2 and len(x) == len(x.T) and close(x.T, y, trial.single):
        return f"{leaf} is the transpose of what it should be."
    factor = common_factor(task, trial, wrong)
    if factor:
        return factor
    i = tuple(
        int(k) for k in np.unravel_index(np.argmax(np.abs(x - y)), x.shape)
    )
    element = leaf + (str(list(i)) if i else "")
    return f"{element} is {x[i]:.4g}; expected {y[i]:.4g}, for {sizes(task, trial)}."


def is_swapped(task: Task, trial: Trial) -> bool:
    """Return whether two results would be right in the other order."""
    if len(task.names) != 2 or not isinstance(trial.came, dict):
        return False
    one, two = task.names
    swap, other = {one: two, two: one}, {}
    for leaf, x in trial.came.items():
        name, bracket, layer = leaf.partition("[")
        other[swap.get(name, name) + bracket + layer] = x
    if shapes(other) != trial.shapes:
        return False
    return not trial.fits or same(other, trial.expected, trial.single)


def misshapen(
    leaf: str, came: tuple[int, ...], expected: tuple[int, ...]
) -> str:
    """Say which shape is wrong, and what the likely slip is."""
    cause = ""
    if came == expected[::-1]:
        cause = ": the factors in the other order, or another one transposed?"
    elif expected == (*came, 1):
        cause = ", a column: keepdims=True, or reshape(-1, 1)?"
    elif 0 in came:
        cause = ": is entry 0 of a list used, a placeholder?"
    elif came == (*expected, 1):
        cause = ": a column where one axis is enough?"
    elif came == expected * 2:
        cause = (
            f". A sum of shapes {expected} and {(*expected, 1)} is a matrix."
        )
    return f"{leaf} has shape {came}; expected {expected}{cause or '.'}"


def common_factor(task: Task, trial: Trial, wrong: list[str]) -> str:
    """Say that all wrong results are right up to one factor, if they are."""
    assert isinstance(trial.came, dict)
    x = np.concatenate([trial.came[leaf].ravel() for leaf in wrong])
    y = np.concatenate([trial.expected[leaf].ravel() for leaf in wrong])
    factor = float(x @ y / (y @ y)) if y.any() else 0.0
    if not factor or not close(x / factor, y, trial.single):
        return ""
    what = f"{', '.join(wrong[:4])}{', ...' if wrong[4:] else ''}"
    m = columns(task, trial)
    if close(np.array(factor), np.array(-1.0)):
        return f"{what}: right up to the sign."
    if m > 1 and close(np.array(factor), np.array(float(m))):
        return f"{what}: {m} times too large, and m is {m}. A sum where the mean belongs?"
    if m > 1 and close(np.array(factor * m), np.array(1.0)):
        return f"{what}: {m} times too small, and m is {m}. Divided by m once too often?"
    # One number is always a multiple of another.
    if x.size == 1 or f"{factor:.4g}" == "1":
        return ""
    return f"{what}: right up to the factor {factor:.4g}, for {sizes(task, trial)}."


def precision(trials: list[Trial]) -> list[str]:
    """Remark on float32 where float64 was given: right, but with fewer digits."""
    for trial in trials:
        assert isinstance(trial.came, dict)
        for leaf, x in trial.came.items():
            if x.dtype == np.float32 and not trial.single:
                digits = "seven digits, and the arguments have sixteen"
                return [f"(But {leaf} has dtype float32: {digits}.)"]
    return []


def changes(trials: list[Trial]) -> str:
    """Say which arguments the function changed, if it did."""
    changed = next((trial.changed for trial in trials if trial.changed), [])
    if not changed:
        return ""
    what = f"It changes what it was given: {listed(changed)}"
    return f"{what}. x -= y writes into the array x; x = x - y makes a new one."


def differences(name: str, original: Any, given: Any) -> Iterator[str]:
    """Name the parts of an argument that are no longer what they were."""
    if isinstance(original, list):
        if len(given) != len(original):
            yield name
        for l, (one, two) in enumerate(zip(original, given, strict=False)):
            yield from differences(f"{name}[{l}]", one, two)
    elif not (given is original or np.array_equal(given, original)):
        yield name


def copied(x: Any, dtype: Any = None) -> Any:
    """Return arguments with copies of the lists and arrays in them."""
    if isinstance(x, list | tuple):
        return type(x)(copied(entry, dtype) for entry in x)
    if isinstance(x, np.ndarray):
        return x.astype(dtype or x.dtype)
    return x


def arrays(x: Any) -> list[Any]:
    """Return all arrays in arguments but the empty placeholders."""
    if isinstance(x, list | tuple):
        return [array for entry in x for array in arrays(entry)]
    return [x] if isinstance(x, np.ndarray) and x.size else []


def shapes(leaves: Leaves) -> Shapes:
    """Return the shapes of named arrays."""
    return {leaf: x.shape for leaf, x in leaves.items()}


def columns(task: Task, trial: Trial) -> int:
    """Return m, the number of inputs of a case, or 0 if there is none."""
    named = dict(zip(task.arguments.split(", "), trial.arguments, strict=False))
    return next(
        (named[name].shape[1] for name in ("X", "Y", "dA") if name in named), 0
    )


def sizes(task: Task, trial: Trial) -> str:
    """Describe the arguments of a case: by n and m, or by the shapes of the arrays."""
    named = dict(zip(task.arguments.split(", "), trial.arguments, strict=False))
    n = named.get("n")
    if isinstance(named.get("W"), list):
        n = (named["W"][1].shape[1], *map(len, named["W"][1:]))
    if n:
        m = columns(task, trial)
        return f"n = {n} and m = {m}" if m else f"n = {n}"
    shaped = [
        f"{k} of shape {x.shape}"
        for k, x in named.items()
        if isinstance(x, np.ndarray)
    ]
    return ", ".join(shaped) or "these arguments"


def size(x: Any) -> int:
    """Return how many numbers there are in an entry of a list, 0 if it holds none."""
    if isinstance(x, list | tuple):
        return len(x)
    return x.size if isinstance(x, np.ndarray) else 0


def kind(x: Any) -> str:
    """Return what something is, with an article."""
    name = {"ndarray": "array"}.get(type(x).__name__, type(x).__name__)
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def listed(parts: list[str], word: str = "") -> str:
    """Return "layer 1" or "layers 1, 2 and 3", or the same without a word."""
    *others, last = parts
    text = f"{', '.join(others)} and {last}" if others else last
    return f"{word}{'s' if others else ''} {text}" if word else text


def raised(came: Leaves | Exception) -> TypeGuard[Exception]:
    """Return whether an outcome is an exception of the function's."""
    return isinstance(came, Exception) and not isinstance(came, MisfitError)


def is_unwritten(function: Function, came: Leaves | Exception) -> bool:
    """Return whether the body of a function is still `...`, or `pass`, or nothing."""
    if isinstance(came, NotImplementedError):
        return True

    def empty() -> None:
        """Do nothing."""

    if not inspect.isfunction(function):
        return False
    body, nothing = (
        [i.opname for i in dis.get_instructions(f) if i.opname != "NOP"]
        for f in (function, empty)
    )
    return body == nothing and str(came).startswith("It returns None")


def show(error: Exception) -> None:
    """Show an exception as Python or IPython does, without frames of this module or of nnlib."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    last = trace
    while last and last.tb_next:
        if last.tb_next.tb_frame.f_globals.get("__name__", "").startswith(
            "nnlib"
        ):
            last.tb_next = None
        else:
            last = last.tb_next
    shown = type(error), error.with_traceback(trace), trace
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell:
        shell.showtraceback(shown)
    else:
        sys.excepthook(*shown)


def silence() -> contextlib.AbstractContextManager[Any]:
    """Return a context in which nothing that is printed is seen."""
    return contextlib.redirect_stdout(io.StringIO())
