"""Chapter 11's ladder: the rungs, the search for a rate, and what the record says."""

from types import SimpleNamespace

import numpy as np
import pytest

from scripts import record_digit_ladder
from scripts.ladder import (
    CHANGES,
    FRESH,
    HEADER,
    ORDERS,
    SERIES,
    TOP,
    best_rate,
    choose,
    first_rate,
    fresh,
    recorded,
    rung,
    rungs,
    search,
)


def test_a_rung_is_named_by_its_changes_in_one_order():
    assert rung(()).name == SERIES
    assert rung(("ReLU", "scaled start")).name == "scaled start + ReLU"
    with pytest.raises(ValueError, match="relu"):
        rung(("relu",))


def test_every_order_climbs_through_rungs_that_are_tried():
    tried = {frozenset(changes) for changes in rungs()}
    assert len(tried) == len(rungs()) == 24
    for order in ORDERS.values():
        assert sorted(order) == sorted(TOP)
        assert all(frozenset(order[:k]) in tried for k in range(len(order) + 1))
    for change in TOP:
        assert {frozenset([change]), frozenset(TOP) - {change}} <= tried


@pytest.mark.parametrize("peak", [-5, -1, 0, 1, 4])
def test_the_search_ends_with_two_worse_rates_on_either_side(peak):
    tried = search(lambda rate: 100 - abs(round(np.log2(rate / 0.03)) - peak), 0.03)
    expected = 0.03 * 2.0**peak
    assert max(tried, key=tried.get) == expected
    assert list(tried) == sorted(tried)
    assert {expected / 4, expected / 2, expected * 2, expected * 4} <= set(tried)


def test_the_search_takes_the_smallest_of_equal_rates():
    tried = search(lambda rate: 7 if rate in (0.03, 0.06) else 5, 0.03)
    assert max(tried, key=tried.get) == 0.03


def test_the_search_passes_a_dent():
    heights = {-2: 1, -1: 3, 0: 5, 1: 4, 2: 6, 3: 2, 4: 1}
    tried = search(lambda rate: heights[round(np.log2(rate / 0.03))], 0.03)
    assert max(tried, key=tried.get) == 0.12


@pytest.mark.parametrize(("lead", "chosen", "calls"), [(51, 0.03, 5), (50, 0.06, 9), (0, 0.06, 9)])
def test_two_more_seeds_decide_between_rates_that_are_close(lead, chosen, calls):
    counts = {}

    def count(rate, seed):
        best = 9000 + lead if rate == 0.03 else 9000 - 100 * abs(np.log2(rate / 0.06))
        counts[rate, seed] = best + (0 if seed == 0 else 100 * (rate == 0.06))
        return counts[rate, seed]

    assert choose(count, 0.03) == chosen
    assert len(counts) == calls
    rows = [("a", *key, 0, right) for key, right in counts.items()]
    assert best_rate(rows, "a") == chosen


def test_an_interrupted_recording_goes_on(tmp_path, monkeypatch):
    path, calls = tmp_path / "rungs.csv", []

    def judged(changes, rate, seed):
        if len(calls) == 4:
            raise KeyboardInterrupt
        calls.append((rate, seed))
        return 40000, 9000 - round(40 * abs(np.log2(rate / first_rate(changes)))) - seed

    monkeypatch.setattr(record_digit_ladder, "judged", judged)
    record_digit_ladder.write(path, HEADER, [])
    for lines in (4, 8, 12, 14):
        calls = []
        try:
            record_digit_ladder.climb_to(("ReLU",), path)
        except KeyboardInterrupt:
            assert lines < 14
        assert len(recorded(path)) == lines
    assert best_rate(recorded(path), "ReLU") == first_rate(("ReLU",))
    assert fresh(recorded(path), "ReLU") == [9000 - seed for seed in FRESH]


@pytest.fixture
def few_images(monkeypatch):
    """Put 500 images in place of MNIST's, each with ink in the rows of its label alone."""
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=500)
    X = np.where(np.arange(784)[:, None] // 78 == labels, rng.random((784, 500)), 0)
    mnist = SimpleNamespace(X_train=X.astype(np.float32), labels_train=labels)
    monkeypatch.setattr(record_digit_ladder, "images", lambda: mnist)
    monkeypatch.setattr(record_digit_ladder, "LEARN", 400)


@pytest.mark.parametrize("changes", [("ReLU", "cross-entropy"), TOP, CHANGES])
def test_a_rung_learns_to_read(few_images, changes):
    learned, validated = record_digit_ladder.judged(changes, first_rate(changes), 0)
    assert learned > 360
    assert 90 < validated <= 100


def test_a_training_that_overflows_has_no_right_answers(few_images):
    assert record_digit_ladder.judged(("ReLU",), 1e9, 0) == (0, 0)
