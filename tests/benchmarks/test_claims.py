"""What the page on speed says of who is ahead is what was recorded."""

import pytest

from benchmarks import summary

MINIBATCHES = (32, 100, 256, 1000)


@pytest.fixture(scope="module")
def ratios():
    """The seconds of each contender over those of nnlib, by the size of a batch."""
    found = summary.epochs()
    return {
        name: {size: seconds / found["nnlib"][size] for size, seconds in times.items()}
        for name, times in found.items()
    }


def test_nnlib_is_ahead_of_pytorch_at_every_size_and_of_minibatches_most_at_32(ratios):
    assert min(ratios["pytorch"].values()) > 1
    assert ratios["pytorch"][32] == max(ratios["pytorch"][size] for size in MINIBATCHES)


def test_nnlib_is_ahead_of_scikit_learn_at_all_sizes_but_256(ratios):
    assert [size for size, ratio in ratios["scikit_learn"].items() if ratio < 1] == [256]


def test_jax_and_tensorflow_are_ahead_at_every_minibatch(ratios):
    assert all(ratios[name][size] < 1 for name in ("jax", "tensorflow") for size in MINIBATCHES)


def test_products_are_about_half_of_an_epoch_and_leave_compilers_little_besides(ratios):
    for size in (32, 100, 256):
        assert 0.4 < ratios["products"][size] < 0.6
        compiled = [ratios[name][size] for name in ("jax", "tensorflow")]
        assert min(compiled) < 1.25 * ratios["products"][size]


def test_nnlib_is_ahead_of_all_with_all_columns_even_of_the_products(ratios):
    assert min(times[60000] for name, times in ratios.items() if name != "nnlib") > 1


@pytest.fixture(scope="module")
def to_an_accuracy():
    """The median seconds until so many test images are read right, by recipe and contender."""
    found = {}
    for (recipe, goal, name), seconds in summary.medians(
        "training", "recipe", "goal", "contender"
    ).items():
        found.setdefault(recipe, {}).setdefault(goal, {})[name] = seconds
    assert set(found) == {"the series' network", "all six changes"}
    return found


def test_with_the_series_network_nnlib_and_pytorch_are_about_equal(to_an_accuracy):
    for seconds in to_an_accuracy["the series' network"].values():
        assert 0.8 < seconds["nnlib"] / seconds["pytorch"] < 1.25


def test_with_the_all_six_changes_nnlib_is_ahead_and_both_need_less_than_a_second(to_an_accuracy):
    for seconds in to_an_accuracy["all six changes"].values():
        assert seconds["nnlib"] < seconds["pytorch"] < 1


def test_both_contenders_reach_every_goal(to_an_accuracy):
    for goals in to_an_accuracy.values():
        assert all(set(seconds) == {"nnlib", "pytorch"} for seconds in goals.values())
    assert set(to_an_accuracy["all six changes"]) == {"9150", "9500", "9800"}
