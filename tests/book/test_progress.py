"""The progress bar of the notebooks: shown to people, never to what executes notebooks."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from nnlib import gradient_descent

TRAINING = """
import numpy as np
from nnlib import gradient_descent
import progress as module

clock = iter(range(1000))
module.time = type("Clock", (), {"monotonic": staticmethod(lambda: next(clock))})
with module.progress(20) as callback:
    gradient_descent(lambda x: (float(x @ x), 2 * x), np.ones(1), 0.1, 20, callback=callback)
print(module.somebody_watches())
"""


@pytest.fixture
def progress(root, load_module):
    return load_module(root / "notebooks" / "progress.py")


@pytest.fixture
def watched(progress, monkeypatch):
    """Return the module as it behaves when somebody watches and a second passes every step."""
    monkeypatch.setattr(progress, "somebody_watches", lambda: True)
    clock = iter(range(1000))
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    return progress


def parabola(x):
    return float(x @ x), 2 * x


def frames(capsys) -> list[str]:
    return capsys.readouterr().out.split("\r")


def test_callback_comes_back_unchanged_when_nobody_watches(progress, monkeypatch):
    monkeypatch.setattr(progress, "somebody_watches", lambda: False)
    for callback in (None, print):
        with progress.progress(10, callback) as given:
            assert given is callback


@pytest.mark.parametrize("announced", [5, 20, 1000])
def test_bar_is_drawn_and_erased(watched, capsys, announced):
    with watched.progress(announced) as callback:
        gradient_descent(parabola, np.ones(1), 0.1, 20, callback=callback)
    *shown, blank, end = frames(capsys)
    assert any(f"| step {10:{len(str(announced))}} of {announced}" in frame for frame in shown)
    assert max(len(frame) for frame in shown) == len(blank)
    assert blank.isspace()
    assert end == ""


def test_nothing_is_drawn_in_the_first_two_seconds(watched, capsys):
    with watched.progress(2) as callback:
        gradient_descent(parabola, np.ones(1), 0.1, 2, callback=callback)
    assert capsys.readouterr().out == ""


def test_callback_is_called_and_may_stop(watched, capsys):
    seen = []

    def stop_at_5(k, x, value, gradient):
        seen.append(k)
        if k == 5:
            raise StopIteration

    with watched.progress(20, stop_at_5) as callback:
        x = gradient_descent(parabola, np.ones(1), 0.1, 20, callback=callback)
    assert seen == [0, 1, 2, 3, 4, 5]
    assert np.allclose(x, 0.8**5)
    assert frames(capsys)[-1] == ""


def test_bar_is_erased_when_the_descent_fails(watched, capsys):
    with (
        pytest.raises(FloatingPointError),
        np.errstate(all="ignore"),
        watched.progress(2000) as callback,
    ):
        gradient_descent(parabola, np.ones(1), 1e9, 2000, callback=callback)
    assert frames(capsys)[-1] == ""


def test_terminal_counts_as_somebody(progress, monkeypatch):
    outside = SimpleNamespace(get_ipython=lambda: None)
    monkeypatch.setitem(sys.modules, "IPython", outside)
    for answer in (True, False):
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda answer=answer: answer))
        assert progress.somebody_watches() is answer


@pytest.mark.parametrize("asks", [False, True])
def test_no_trace_is_left_in_a_notebook(root, asks):
    notebook = new_notebook(cells=[new_code_cell(TRAINING)])
    resources = {"metadata": {"path": str(root / "notebooks")}}
    client = NotebookClient(notebook, timeout=120, resources=resources)
    client.allow_stdin = asks
    with client.setup_kernel():
        client.kc.allow_stdin = asks
        client.execute_cell(notebook.cells[0], 0)
    texts = [output.text for output in notebook.cells[0].outputs]
    assert "".join(texts) == f"{asks}\n"
