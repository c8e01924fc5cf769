"""The checks of the reader's own functions: right ones pass, and mistakes are named."""

import dataclasses
import importlib
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import nnlib

ROOT = Path(__file__).parents[2]

RIGHT = {
    "my_layer": """
def my_layer(W, b, g, a):
    z_all, a_all = [], []
    for i in range(len(W)):
        z = 0
        for j in range(len(a)):
            z += W[i, j] * a[j]
        z += b[i, 0]
        z_all.append(z)
        a_all.append(g(z))
    return z_all, a_all
""",
    "my_xor": """
def my_xor():
    W = [None, np.array([[1, -1], [-1, 1]]), np.array([[1, 1]])]
    b = [None, np.array([[0], [0]]), np.array([[0]])]
    return W, b
""",
    "my_sums": """
def my_sums(W, b, A):
    Z = np.empty((len(W), A.shape[1]), dtype=A.dtype)
    for i in range(len(W)):
        for c in range(A.shape[1]):
            z = 0
            for j in range(len(A)):
                z += W[i, j] * A[j, c]
            Z[i, c] = z + b[i, 0]
    return Z
""",
    "my_forward": """
def my_forward(W, b, g, X):
    Z, A = [None], [X]
    for l in range(1, len(W)):
        Z.append(W[l] @ A[l - 1] + b[l])
        A.append(g[l](Z[l]))
    return Z, A
""",
    "my_backward": """
def my_backward(W, g, Z, A, dA):
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        dZ = dA * g[l].dg(Z[l], A[l])
        dW[l] = dZ @ A[l - 1].T
        db[l] = dZ.sum(axis=1, keepdims=True)
        dA = W[l].T @ dZ
    return dW, db
""",
    "my_gradient": """
def my_gradient(theta, n, g, X, Y):
    W, b = nnlib.unpack(theta, n)
    Z, A = nnlib.forward(W, b, g, X)
    m = X.shape[1]
    logits = A[-1] - A[-1].max(axis=0)
    S = np.exp(logits) / np.exp(logits).sum(axis=0)
    E = -np.sum(Y * (logits - np.log(np.exp(logits).sum(axis=0)))) / m
    dZ = (S - Y) / m
    parts = []
    for l in range(len(n) - 1, 0, -1):
        db = dZ.sum(axis=1)
        dW = dZ @ A[l - 1].T
        parts = [dW.ravel(), db] + parts
        dZ = (W[l].T @ dZ) * (1 - A[l - 1] ** 2)
    return E, np.concatenate(parts)
""",
    "my_sigmoid": """
def my_sigmoid(Z):
    r = np.exp(-np.abs(Z))
    A = np.where(Z >= 0, 1 / (1 + r), r / (1 + r))
    return A
""",
    "my_activation": """
def my_activation(Z):
    A = Z * nnlib.sigmoid(Z)
    dA = nnlib.sigmoid(Z) + A * (1 - nnlib.sigmoid(Z))
    return A, dA
""",
}

# The right function with one piece of code exchanged, and words of the hint that it should get.
WRONG = [
    ("my_layer", "W[i, j]", "W[j, i]", "indices swapped"),
    ("my_layer", "z += b[i, 0]", "pass", "bias is missing"),
    ("my_layer", "a_all.append(g(z))", "a_all.append(z)", "was g forgotten, or z passed on"),
    ("my_layer", "z += b[i, 0]", "z = z + b[i]", "the number is b[i, 0]"),
    ("my_layer", "z_all.append(z)", "z_all.append(g(z))", "z is a itself"),
    ("my_layer", "z_all, a_all\n", "np.array(z_all)[:, None] + b.T, a_all\n", "has shape (3, 3)"),
    ("my_layer", "return z_all, a_all", "return np.array(z_all)", "expected 2 results, z and a"),
    ("my_layer", "return z_all, a_all", "return a_all, z_all", "in the wrong order"),
    ("my_layer", "z = 0", "z = 0.5", "z[0] is"),
    ("my_layer", "return z_all, a_all", "return np.array(z_all, int), a_all", "whole numbers"),
    ("my_layer", "return z_all, a_all", "return z_all[:-1], a_all", "z has shape (2,)"),
    ("my_xor", "[[1, 1]])", "[[1, 2]])", "N is 0, 1, 2, 0; expected 0, 1, 1, 0"),
    ("my_xor", "[[1, -1], [-1, 1]]", "[[1, 1], [0, 0]]", "does any ReLU cut something off?"),
    ("my_xor", "[[1, 1]])", "[[-1, -1]])", "expected 0, 1, 1, 0"),
    ("my_xor", "[[1, 1]])", "[[0.8, 0.8]])", "right side of 1/2"),
    ("my_xor", "[[1, 1]])", "[1, 1])", "W[2] has shape (2,); expected (1, 2)"),
    ("my_sums", "W[i, j]", "W[j, i]", "indices of W swapped"),
    ("my_sums", "A[j, c]", "A[j, 0]", "does the sum use column c of A?"),
    ("my_sums", "b[i, 0]", "b[:, 0][c % len(b)]", "Z["),
    ("my_sums", "z + b[i, 0]", "z", "bias is missing"),
    ("my_sums", "range(len(A))", "range(len(A) - 1)", "range(n) ends at n - 1"),
    ("my_sums", "z += W", "z = W", "added up with +=?"),
    ("my_sums", "return Z", "return Z.T", "Z is the transpose"),
    ("my_forward", "+ b[l]", "", "bias is missing"),
    ("my_forward", "+ b[l]", "+ b[l][:, 0]", "has become a row"),
    ("my_forward", "+ b[l]", "+ b[l].T", "has become a row"),
    ("my_forward", "[X]", "[X.T]", "X is transposed"),
    ("my_forward", "g[l](Z[l])", "Z[l]", "was g[l] forgotten"),
    ("my_forward", "A[l - 1]", "(Z[l - 1] if l > 1 else X)", "Z is passed on"),
    ("my_forward", "g[l](", "g[l - 1](", "layer before"),
    ("my_forward", "g[l](", "(g[l] if l < len(W) - 1 else g[0])(", "last layer has an activation"),
    ("my_forward", "W[l] @", "W[l] *", "matrix product is @"),
    ("my_forward", "[None], [X]", "[X], [X]", "Z[0] holds numbers"),
    ("my_forward", "return Z, A", "return Z[1:], A", "Is Z[0] missing?"),
    ("my_forward", "return Z, A", "return Z, A[1:]", "Is A[0] missing?"),
    ("my_forward", "return Z, A", "return Z[:-1], A[:-1]", "Is layer 2 missing?"),
    (
        "my_forward",
        "return Z, A",
        "return [z if z is None else z.tolist() for z in Z], A",
        "a list",
    ),
    ("my_backward", "W[l].T @ dZ", "W[l] @ dZ", "transpose missing?"),
    ("my_backward", "W[l].T @ dZ", "W[l].T @ (2 * dZ if l == 2 else dZ)", "wrong: layer 1."),
    ("my_backward", "g[l].dg(Z[l], A[l])", "g[l].dg(A[l], g[l](A[l]))", "slope taken at A[l]?"),
    ("my_backward", "g[l].dg(Z[l], A[l])", "g[l].dg(A[l], A[l])", "slope taken at A[l]?"),
    (
        "my_backward",
        "g[l].dg(Z[l], A[l])",
        "(A[l] >= 0 if g[l].name == 'relu' else g[l].dg(Z[l], A[l]))",
        "ReLU is 1 where a >= 0",
    ),
    (
        "my_backward",
        "g[l].dg(Z[l], A[l])",
        "(Z[l] >= 0 if g[l].name == 'relu' else g[l].dg(Z[l], A[l]))",
        "at exactly z = 0",
    ),
    ("my_backward", "dZ.sum(axis=1, keepdims=True)", "dZ[:, [0]]", "first input only"),
    ("my_backward", "dZ.sum(axis=1, keepdims=True)", "dZ.sum(axis=1)", "keepdims=True"),
    ("my_backward", "dZ.sum(axis=1, keepdims=True)", "dZ.mean(axis=1, keepdims=True)", "the mean"),
    ("my_backward", "dZ @ A[l - 1].T", "A[l - 1] @ dZ.T", "transposed"),
    ("my_backward", "    dW, db", "    dA = dA / dA.shape[1]\n    dW, db", "once too often"),
    ("my_backward", "    dW, db", "    dA = dA * dA.shape[1]\n    dW, db", "m times too large"),
    ("my_backward", "dZ @ A[l - 1].T", "dZ @ A[l].T", "what came into the layer, A[l - 1]"),
    ("my_backward", "g[l].dg", "g[l - 1].dg", "that of the layer before"),
    ("my_backward", "W[l].T @ dZ", "(W[l] - 0.1 * dW[l]).T @ dZ", "a step has already changed"),
    ("my_backward", "len(W) - 1, 0, -1", "len(W) - 1, 1, -1", "dW[1] is None"),
    ("my_backward", "return dW, db", "return dW[1:], db[1:]", "Is dW[0] missing?"),
    (
        "my_backward",
        "return dW, db",
        "return dW[:1] + dW[:0:-1], db[:1] + db[:0:-1]",
        "layer l belongs at index l",
    ),
    ("my_backward", "= dZ @ A", "= 3 * dZ @ A", "right up to the factor 3"),
    ("my_gradient", "(S - Y) / m", "S - Y", "m times too large"),
    ("my_gradient", "(S - Y) / m", "(A[-1] - Y) / m", "that of the squared error"),
    ("my_gradient", "1 - A[l - 1] ** 2", "A[l - 1] * (1 - A[l - 1])", "that of the sigmoid"),
    ("my_gradient", "1 - A[l - 1] ** 2", "1 - (Z[l - 1] if l > 1 else X) ** 2", "is it 1 - Z^2"),
    ("my_gradient", "dZ.sum(axis=1)", "dZ[:, 0]", "first input only"),
    ("my_gradient", "[dW.ravel(), db]", "[db, dW.ravel()]", "expected dW[l] first"),
    ("my_gradient", "[dW.ravel(), db]", "[dW.T.ravel(), db]", "column by column"),
    ("my_gradient", "+ parts", "", "gradient has shape"),
    ("my_gradient", "0)))) / m", "0))))", "E is the sum over the inputs"),
    ("my_gradient", "return E, ", "return np.array([E]), ", "E has shape (1,)"),
    ("my_sigmoid", "Z >= 0", "Z <= 0", "the sigmoid of -z"),
    ("my_sigmoid", "r / (1 + r))", "1 / (1 + r))", "the value at |z|"),
    ("my_sigmoid", "1 / (1 + r), r", "r / (1 + r), r", "the value at -|z|"),
    ("my_sigmoid", "return A", "return np.exp(Z) / (1 + np.exp(Z))", "infinity / infinity"),
    ("my_sigmoid", "return A", "return A * (1 - A)", "This is the slope"),
    ("my_sigmoid", "return A", "return 2 * A - 1", "A["),
    ("my_sigmoid", "return A", "return 1 / (1 + np.exp(-Z))", "an exponential overflows"),
    (
        "my_sigmoid",
        "1 / (1 + r), r / (1 + r))",
        "1 / (1 + np.exp(-Z)), np.exp(Z) / (1 + np.exp(Z)))",
        "np.where computes both forms",
    ),
    ("my_sigmoid", "r / (1 + r))", "1 - 1 / (1 + r))", "its digits are lost"),
    ("my_sigmoid", "return A", "return A[0]", "A has shape (4,)"),
    ("my_activation", "return A, dA", "return A, -dA", "Right up to the sign"),
    ("my_activation", "return A, dA", "return A, dA / 2", "factor 0.5: is an inner derivative"),
    ("my_activation", "A * (1", "Z * (1", "differences of your g say"),
    ("my_activation", "return A, dA", "return A, np.where(Z > 0, dA, 0.0)", "is at negative z"),
    ("my_activation", "return A, dA", "return A, np.where(Z < 0, dA, 1.0)", "is at positive z"),
    ("my_activation", "return A, dA", "return A", "returns an array; expected 2 results"),
    ("my_activation", "return A, dA", "return A, dA[0]", "dA has shape (28,)"),
    ("my_activation", "return A, dA", "return A, dA * np.nan", "There is NaN or infinity"),
    ("my_activation", "return A, dA", "return A.astype('f'), dA.astype('f')", "dtype float32"),
    (
        "my_activation",
        "return A, dA",
        "return A - A[:, :1].mean(), dA",
        "depends on the others",
    ),
    (
        "my_activation",
        "return A, dA",
        "return np.log(1 + np.exp(Z)), nnlib.sigmoid(Z)",
        "does an exponential overflow?",
    ),
]


def written(source):
    """Return the function that a reader might have written like this."""
    scope = {"np": np, "nnlib": nnlib}
    exec(compile(source, "reader.py", "exec"), scope)
    return next(f for name, f in scope.items() if name.startswith("my_"))


def exchanged(name, old, new):
    assert RIGHT[name].count(old) == 1, old
    return written(RIGHT[name].replace(old, new))


@pytest.fixture(scope="module")
def checks():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "notebooks")
        yield importlib.import_module("checks")


@pytest.fixture
def said(checks, capsys):
    """Return a function that checks another, and returns what was printed, on one line."""

    def check(*arguments):
        checks.check(*arguments)
        return " ".join(capsys.readouterr().out.split())

    return check


@pytest.mark.parametrize("name", RIGHT)
def test_right_function_is_told_what_was_checked(said, checks, name):
    text = said(written(RIGHT[name]))
    start, _, rest = checks.TASKS[name].passed.partition("{}")
    assert text.startswith(f"{name}: right. {start}")
    assert text.endswith(rest)


@pytest.mark.parametrize(("name", "old", "new", "hint"), WRONG)
def test_typical_mistake_gets_its_hint(said, name, old, new, hint):
    text = said(exchanged(name, old, new))
    assert text.startswith(f"{name}: not right yet. ")
    assert hint in text


@pytest.mark.parametrize("name", list(RIGHT))
def test_model_is_right_and_each_of_its_mistakes_is_named(checks, said, name):
    task = checks.TASKS[name]
    passed = said(task.model, name)
    assert "right. " in passed or "these are the book's weights" in passed
    for place, formulas in task.mistakes.items():
        for hint, formula in formulas.items():
            assert hint in said(partial(task.model, **{place: formula}), name)


def test_two_mistakes_at_once_are_both_named(said):
    source = RIGHT["my_backward"].replace("W[l].T @ dZ", "W[l] @ dZ")
    source = source.replace("dZ.sum(axis=1, keepdims=True)", "dZ[:, :1]")
    text = said(written(source))
    assert "transpose missing?" in text
    assert "first input only" in text


def test_hint_says_which_layers_are_right(said):
    text = said(exchanged("my_backward", "W[l].T @ dZ", "W[l] @ dZ"))
    assert "Right: layer 3; wrong: layers 1 and 2." in text


@pytest.mark.parametrize("body", ["...", "pass", '"""Say what."""', '"""Say what."""\n    ...'])
@pytest.mark.parametrize("name", RIGHT)
def test_body_of_dots_is_not_written_yet(said, name, body):
    head = RIGHT[name].strip().splitlines()[0]
    text = said(written(f"{head}\n    {body}"))
    assert text == f"{name}: not written yet. Put your code in place of the dots."


def test_not_implemented_error_is_not_written_yet(said):
    function = exchanged("my_layer", "z_all, a_all = [], []", "raise NotImplementedError")
    assert "not written yet" in said(function)


@pytest.mark.parametrize("name", RIGHT)
def test_function_without_return_is_asked_for_it(said, name):
    source = re.sub("return .*", "pass", RIGHT[name])
    text = said(written(source))
    assert text == f"{name}: not right yet. It returns None: is the return missing?"


@pytest.mark.parametrize("name", RIGHT)
def test_exception_is_shown_without_frames_of_the_book(checks, capsys, name):
    source = re.sub("return .*", "return undefined", RIGHT[name])
    checks.check(written(source))
    shown = capsys.readouterr()
    assert shown.out.startswith(f"{name} raised NameError for ")
    assert shown.err.endswith("NameError: name 'undefined' is not defined\n")
    assert re.findall('File "(.*)", line', shown.err) == ["reader.py"]


def test_exception_is_shown_in_a_notebook_and_cells_below_run(root):
    cells = [
        f"import numpy as np\nfrom checks import check\n{RIGHT['my_layer']}\ncheck(my_layer)",
        "def my_layer(W, b, g, a):\n    return helper(a)\n\ndef helper(a):\n    return a[100]\n\n"
        "check(my_layer)",
        "def my_layer(W, b, g, a):\n    ...\n\ncheck(my_layer)",
    ]
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    resources = {"metadata": {"path": str(root / "notebooks")}}
    NotebookClient(notebook, resources=resources).execute()
    right, raised, stub = (cell.outputs for cell in notebook.cells)
    assert right[0].text.startswith("my_layer: right. ")
    assert raised[0].text.startswith("my_layer raised IndexError for ")
    assert raised[1].ename == "IndexError"
    traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(raised[1].traceback))
    assert re.findall(r"^(?:Cell|File).* (?:in )?(\w+)\(", traceback, re.M) == [
        "my_layer",
        "helper",
    ]
    assert "check" not in traceback
    assert stub[0].text.startswith("my_layer: not written yet.")


@pytest.mark.parametrize(
    ("name", "line", "changed"),
    [
        ("my_layer", "W[0, 0] = a[0] = 0", "W and a."),
        ("my_forward", "X *= 2", "X."),
        ("my_forward", "b[1] -= 1", "b[1]."),
        ("my_backward", "A[1] *= 1.5", "A[1]."),
        ("my_backward", "Z[1][:] = 0", "Z[1]."),
        ("my_backward", "W[1] = 2 * W[1]", "W[1]."),
        ("my_gradient", "theta += 1", "theta."),
    ],
)
def test_changed_argument_is_found(said, name, line, changed):
    head, body = RIGHT[name].strip().split("\n", 1)
    before = written(f"{head}\n    {line}\n{body}")
    assert f"It changes what it was given: {changed}" in said(before)
    after = re.sub("    return (.*)", rf"    result = \1\n    {line}\n    return result", body)
    assert f"It changes what it was given: {changed}" in said(written(f"{head}\n{after}"))


@pytest.mark.parametrize("name", ["my_layer", "my_forward", "my_backward"])
def test_right_answer_in_float32_is_right_with_a_remark(said, name):
    one, two = re.search("return (.*), (.*)", RIGHT[name]).groups()
    single = "[x if x is None else np.asarray(x, np.float32) for x in {}]"
    single = "np.array({}, np.float32)" if name == "my_layer" else single
    results = f"return {single.format(one)}, {single.format(two)}"
    text = said(written(re.sub("return .*", results, RIGHT[name])))
    assert text.startswith(f"{name}: right.")
    assert "has dtype float32" in text


def test_gradient_in_float32_is_right_with_a_remark(said):
    function = exchanged(
        "my_gradient", "np.concatenate(parts)", "np.float32(np.concatenate(parts))"
    )
    text = said(function)
    assert text.startswith("my_gradient: right.")
    assert "has dtype float32" in text


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # of np.matrix
@pytest.mark.parametrize(
    ("results", "text"),
    [
        ("np.array(z_all), np.array(a_all)", "my_layer: right."),
        ("tuple(z_all), tuple(a_all)", "my_layer: right."),
        ("[z_all, a_all]", "my_layer: right."),
        ("np.array(z_all, object), np.array(a_all, np.longdouble)", "my_layer: right."),
        ("np.asmatrix(z_all), a_all", "z is a matrix"),
        ("np.ma.array(z_all), a_all", "z is a MaskedArray"),
        ("np.array(z_all, np.float16), a_all", "float16"),
        ("np.array(z_all) + 0j, a_all", "z has dtype complex128"),
        ("'z', a_all", "expected real numbers"),
        ("[z_all, z_all[:1]], a_all", "z is a list"),
        ("(z for z in z_all), a_all", "z is a generator"),
        ("z_all, a_all, W", "a tuple of 3"),
        ("z_all, np.array(a_all) * np.nan", "a has NaN"),
        ("z_all, -np.array(a_all)", "a: right up to the sign"),
    ],
)
def test_other_kinds_of_results_are_right_or_explained(said, results, text):
    assert text in said(exchanged("my_layer", "z_all, a_all\n", results + "\n"))


def test_book_s_own_weights_are_no_answer(said, checks):
    assert "find others" in said(lambda: (checks.BOOK_W, checks.BOOK_B), "my_xor")
    W = [None, checks.BOOK_W[1], checks.BOOK_W[2][:, ::-1]]
    b = [None, checks.BOOK_B[1][::-1], checks.BOOK_B[2]]
    assert "find others" in said(lambda: (W, b), "my_xor")


def test_softmax_that_overflows_is_right_with_a_remark(said):
    function = exchanged("my_gradient", "A[-1] - A[-1].max(axis=0)", "A[-1]")
    text = said(function)
    assert text.startswith("my_gradient: right.")
    assert "e^1000 overflows" in text
    assert "overflows" not in said(written(RIGHT["my_gradient"]))


@pytest.mark.parametrize(
    ("results", "remark"),
    [
        ("3 * Z + 1, 0 * Z + 3", "a straight line"),
        ("nnlib.gelu(Z), nnlib.gelu.dg(Z, A)", "one of the seven"),
        ("np.maximum(Z, 0.2 * Z), np.where(Z > 0, 1, 0.2)", "to six digits."),
        ("np.sin(Z), np.cos(Z)", "to six digits."),
        ("np.abs(Z), np.where(Z > 0, 1, -1)", "to six digits."),
    ],
)
def test_any_activation_of_the_reader_s_own_is_right(said, results, remark):
    text = said(exchanged("my_activation", "return A, dA", f"return {results}"))
    assert text.startswith("my_activation: right.")
    assert remark in text
    assert ("though" in text) == ("six digits" not in remark)


def test_function_of_another_name_is_checked_under_the_name_it_should_have(said, checks):
    def repaired(W, g, Z, A, dA):
        return nnlib.backward(W, g, Z, A, dA)

    assert said(repaired, "my_backward").startswith("repaired: right.")
    assert said(lambda W, b, g, X: nnlib.forward(W, b, g, X), "my_forward").startswith(
        "my_forward:"
    )


def test_function_with_other_arguments_is_told_what_is_expected(said):
    text = said(written("def my_layer(W, b, a):\n    return a, a"))
    assert "expected the arguments (W, b, g, a); too many positional arguments." in text


def test_wrong_use_of_check_is_explained(checks):
    with pytest.raises(ValueError, match="got a tuple; expected a function"):
        checks.check(([1.0], [1.0]))
    with pytest.raises(ValueError, match='no check for "layer"; expected one of my_layer, my_xor'):
        checks.check(nnlib.forward, "layer")


def test_what_a_function_prints_is_seen_once(said):
    function = exchanged(
        "my_layer", "z_all, a_all = [], []", "print('Hello'); z_all, a_all = [], []"
    )
    assert said(function).count("Hello") == 1


def test_expected_values_are_the_fractions_of_the_example(checks):
    W, b, g, X = checks.example.W, checks.example.b, checks.example.g, checks.example.X
    z, a = checks.layer_by_fractions(W[1], b[1], g[1], X[:, 1])
    np.testing.assert_allclose(z / np.log(3), [-2, 1], rtol=1e-14)
    np.testing.assert_allclose(a, [1 / 10, 3 / 4], rtol=1e-14)
    A = checks.forward_by_sums(W, b, g, X)[1]
    np.testing.assert_allclose(A[2], [[1, -2, 5 / 2]], rtol=1e-14)
    *_, last = checks.backward_cases()
    dW, db = checks.BACKWARD.right(*last)
    np.testing.assert_allclose(dW[1], [[-5 / 4, -9 / 8], [1 / 4, 1]], rtol=1e-13)
    np.testing.assert_allclose(dW[2], [[-3 / 20, -3 / 4]], rtol=1e-13)
    np.testing.assert_allclose(db[1][:, 0], [-59 / 40, 1 / 2], rtol=1e-13)


def test_expected_gradient_agrees_with_differences(checks):
    assert checks.gradient_agrees_with_differences(checks.gradient_by_plain_sums)


def test_no_wrong_backward_pass_agrees_with_differences(checks):
    wrong = exchanged("my_backward", "g[l].dg(Z[l], A[l])", "g[l].dg(A[l], g[l](A[l]))")
    assert not checks.agrees_with_differences(wrong)
    assert checks.agrees_with_differences(nnlib.backward)


def test_first_cases_tell_mistakes_apart(checks):
    W, g, _, A, dA = next(checks.backward_cases())
    active = (A[2] > 0).mean(axis=1)
    assert g[2] is nnlib.relu
    assert all(0 < share < 1 for share in active)
    assert len({w.shape for w in W[1:]}) == 1
    assert dA.shape[1] not in W[1].shape
    corner = checks.at_the_corner_of_relu()
    assert (corner[2][1] == 0).any()
    W, _, _, X = next(checks.forward_cases())
    assert X.shape == W[1].shape == W[2].shape


def test_another_check_takes_a_few_lines(checks, capsys):
    def cases():
        rng = np.random.default_rng(4)
        return [tuple(rng.normal(size=(2, 3, m))) for m in (4, 1, 6)]

    def by_sums(A, Y):
        squares = [(a - y) ** 2 for a, y in zip(A.flat, Y.flat, strict=True)]
        return sum(squares) / (2 * A.shape[1])

    task = checks.Task(
        arguments="A, Y",
        returns="E",
        cases=cases,
        right=by_sums,
        passed="On {} sets of outputs, E agrees with plain sums to ten digits.",
        model=lambda A, Y, m=np.shape, half=2: np.sum((A - Y) ** 2) / (half * m(A)[-1]),
        mistakes={
            "m": {"E is the sum over the inputs; expected the mean.": lambda A: (1,)},
            "half": {"The factor 1/2 is missing.": 1},
        },
    )

    def said(function):
        checks.checking.report(function, "my_error", task)
        return " ".join(capsys.readouterr().out.split())

    right = "my_error: right. On 3 sets of outputs, E agrees with plain sums to ten digits."
    assert said(lambda A, Y: nnlib.squared_error(A, Y)) == right
    assert "the mean" in said(lambda A, Y: np.sum((A - Y) ** 2) / 2)
    assert "The factor 1/2" in said(lambda A, Y: np.sum((A - Y) ** 2) / A.shape[1])
    assert "Two things." in said(lambda A, Y: np.sum((A - Y) ** 2))
    assert "E: right up to the sign." in said(lambda A, Y: -by_sums(A, Y))
    assert "4 times too small, and m is 4" in said(lambda A, Y: by_sums(A, Y) / A.shape[1])
    assert "E has shape (3,); expected ()" in said(lambda A, Y: (A**2).sum(axis=1))
    assert "E is a list; expected a number" in said(lambda A, Y: [1.0])
    assert "E is 0; expected" in said(lambda A, Y: 0.0)


@pytest.mark.parametrize("name", ["my_layer", "my_forward", "my_backward", "my_gradient"])
def test_answer_that_is_off_by_more_than_a_millionth_is_never_right(checks, name):
    task = checks.TASKS[name]
    function = written(RIGHT[name])
    trials = [
        checks.checking.try_on(function, task, *case) for case in checks.checking.solved(task)
    ]
    trials = [trial for trial in trials if not trial.single]
    assert all(trial.is_right for trial in trials)

    @given(st.data(), st.sampled_from(trials), st.sampled_from([-1, 1]), st.floats(1e-6, 1e6))
    def perturbed_answer_is_wrong(data, trial, sign, off):
        leaf = data.draw(st.sampled_from(sorted(trial.came)))
        x = np.array(trial.came[leaf], float)
        i = data.draw(st.integers(0, x.size - 1))
        x.flat[i] += sign * off * max(1e-3, abs(x).max())
        assert not dataclasses.replace(trial, came=trial.came | {leaf: x}).is_right

    perturbed_answer_is_wrong()
