"""What the page on speed says of who is ahead is what was recorded."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ratios():
    """The seconds of each contender over those of nnlib, by the size of a batch."""
    path = ROOT / "benchmarks" / "summary.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    summary = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(summary)
    found = summary.epochs()
    return {
        name: {size: seconds / found["nnlib"][size] for size, seconds in times.items()}
        for name, times in found.items()
    }


def test_nnlib_is_ahead_of_scikit_learn_everywhere(ratios):
    assert min(ratios["scikit_learn"].values()) > 1


def test_nnlib_is_close_to_pytorch_at_small_batches(ratios):
    assert all(0.8 < ratios["pytorch"][size] < 1.25 for size in (32, 100))


def test_compiled_frameworks_are_ahead_at_batches_of_100(ratios):
    assert max(ratios["jax"][100], ratios["tensorflow"][100]) < 1


def test_other_products_are_ahead_at_large_batches(ratios):
    assert max(ratios["pytorch"][1000], ratios["tensorflow"][1000]) < 1


def test_products_alone_are_the_limit_for_nnlib(ratios):
    assert max(ratios["products"].values()) < 1
