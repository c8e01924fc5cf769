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


def test_nnlib_is_ahead_of_scikit_learn_everywhere(ratios):
    assert min(ratios["scikit_learn"].values()) > 1


def test_nnlib_is_close_to_pytorch_at_small_batches(ratios):
    assert all(0.8 < ratios["pytorch"][size] < 1.25 for size in (32, 100))


def test_jax_and_tensorflow_are_ahead_at_every_minibatch(ratios):
    assert all(ratios[name][size] < 1 for name in ("jax", "tensorflow") for size in MINIBATCHES)


def test_pytorch_is_ahead_at_larger_batches(ratios):
    assert max(ratios["pytorch"][256], ratios["pytorch"][1000]) < 1


def test_nnlib_is_about_as_fast_as_the_fastest_with_all_columns(ratios):
    peers = ("scikit_learn", "pytorch", "tensorflow", "jax")
    assert min(ratios[name][60000] for name in peers) > 0.85


def test_products_alone_take_about_as_long_as_the_epochs_of_others_at_1000(ratios):
    others = [ratios[name][1000] for name in ("pytorch", "tensorflow", "jax")]
    assert 0.8 * max(others) < ratios["products"][1000] < 1.25 * min(others)


def test_products_alone_are_about_the_limit(ratios):
    assert max(ratios["products"].values()) < 1


@pytest.fixture(scope="module")
def to_an_accuracy():
    """The median seconds until so many test images are read right, by recipe and contender."""
    found = {}
    for (recipe, goal, name), seconds in summary.medians(
        "training", "recipe", "goal", "contender"
    ).items():
        found.setdefault(recipe, {}).setdefault(goal, {})[name] = seconds
    assert set(found) == {"the series' network", "the best rung"}
    return found


def test_with_the_series_network_nnlib_and_pytorch_are_about_equal(to_an_accuracy):
    for seconds in to_an_accuracy["the series' network"].values():
        assert 0.8 < seconds["nnlib"] / seconds["pytorch"] < 1.25


def test_with_the_best_rung_pytorch_is_ahead_and_both_need_less_than_five_seconds(to_an_accuracy):
    for seconds in to_an_accuracy["the best rung"].values():
        assert seconds["pytorch"] < seconds["nnlib"] < 5


def test_both_contenders_reach_every_goal(to_an_accuracy):
    for goals in to_an_accuracy.values():
        assert all(set(seconds) == {"nnlib", "pytorch"} for seconds in goals.values())
    assert set(to_an_accuracy["the best rung"]) == {"9150", "9500", "9800"}
