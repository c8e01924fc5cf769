"""The script that trains on a GPU, on the processor: every line of it but for the GPU."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from nnlib import load_mnist

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script():
    """The script as a module."""
    path = ROOT / "examples" / "on_a_gpu.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_few_digits_are_learned_on_the_processor(script):
    mnist = load_mnist(ROOT / "notebooks" / "data" / "mnist", dtype=np.float32)
    few = mnist._replace(X_train=mnist.X_train[:, :3000], labels_train=mnist.labels_train[:3000])
    assert script.train(np.asarray, few, 5) > 0.9


def test_a_machine_without_a_gpu_is_told_what_is_missing(script, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert script.find_gpu() is None
    assert capsys.readouterr().out.startswith("no GPU: ")
