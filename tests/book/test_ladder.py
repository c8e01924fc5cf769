"""Chapter 11's ladder: the rungs, the search for a rate, and what the record says."""

from statistics import mean, variance
from types import SimpleNamespace

import numpy as np
import pytest

from scripts import record_digit_ladder
from scripts.ladder import (
    CHANGES,
    CHOOSING,
    FRESH,
    HEADER,
    ORDERS,
    READER,
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


def mountain(peak, slope=100):
    """Return a judge that likes the rate `peak` best, and every doubling away from it less."""
    return lambda rate: 9000 - slope * abs(np.log2(rate / peak))


@pytest.mark.parametrize("k", [-5, -1, 0, 1, 4])
def test_the_search_ends_with_two_worse_rates_on_either_side(k):
    peak = 0.03 * 2.0**k
    tried = search(mountain(peak), 0.03)
    assert max(tried, key=tried.get) == peak
    assert list(tried) == sorted(tried)
    assert {peak / 4, peak / 2, peak * 2, peak * 4} <= set(tried)


def test_the_search_looks_between_the_doublings():
    tried = search(mountain(0.042), 0.03)
    assert max(tried, key=tried.get) == 0.042
    assert {0.021, 0.03, 0.06} <= set(tried)


def test_the_search_passes_a_dent():
    heights = {-2: 1, -1: 3, 0: 5, 1: 4, 2: 6, 3: 2, 4: 1}
    tried = search(lambda rate: heights.get(np.log2(rate / 0.03), 0), 0.03)
    assert max(tried, key=tried.get) == 0.12


@pytest.mark.parametrize(("worse", "chosen"), [(99, 0.03), (101, 0.042)])
def test_three_seeds_decide_between_the_two_best_rates(worse, chosen):
    counts = {}

    def count(rate, seed):
        counts[rate, seed] = mountain(0.03)(rate)
        if rate == 0.03 and seed > 0:
            counts[rate, seed] -= worse * np.log2(1.4) * 1.5
        return counts[rate, seed]

    assert choose(count, 0.03) == chosen
    assert len(counts) == 7 + 2 * 2
    rows = [("a", *key, 0, right) for key, right in counts.items()]
    assert best_rate(rows, "a") == chosen


def test_an_interrupted_recording_goes_on(tmp_path, monkeypatch):
    path, calls = tmp_path / "rungs.csv", []

    def judged(changes, rate, seed):
        if len(calls) == 4:
            raise KeyboardInterrupt
        calls.append((rate, seed))
        return 40000, round(mountain(first_rate(changes))(rate)) - seed

    monkeypatch.setattr(record_digit_ladder, "judged", judged)
    record_digit_ladder.write(path, HEADER, [])
    for lines in (4, 8, 12, 16):
        calls = []
        try:
            record_digit_ladder.climb_to(("ReLU",), path)
        except KeyboardInterrupt:
            assert lines < 16
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


def summary(changes):
    """Return the mean of the fresh seeds' right answers, and its squared standard error."""
    counts = fresh(recorded(), rung(changes).name)
    return mean(counts), variance(counts) / len(counts)


def test_the_record_has_every_rung_searched_chosen_and_trained_afresh():
    rows = recorded()
    assert len(rows) == len({row[:3] for row in rows})
    assert {row[0] for row in rows} == {rung(changes).name for changes in rungs()}
    for changes in rungs():
        known = {row[1:3]: row[4] for row in rows if row[0] == rung(changes).name}
        rate = choose(lambda *key, known=known: known[key], first_rate(changes))
        assert rate == best_rate(rows, rung(changes).name)
        assert [key for key in known if key[1] in FRESH] == [(rate, seed) for seed in FRESH]


def test_the_readers_rate_is_as_good_as_the_best():
    changes, rate = READER
    rows = [row for row in recorded() if row[0] == rung(changes).name]
    counts = {row[1:3]: row[4] for row in rows}
    totals = [sum(counts[r, s] for s in CHOOSING) for r in (rate, best_rate(rows, rows[0][0]))]
    assert totals == [29541, 29542]


def test_no_rung_is_better_than_the_readers_beyond_noise():
    best, of_best = summary(READER[0])
    for changes in rungs():
        other, of_other = summary(changes)
        assert other - best < 2 * np.sqrt(of_best + of_other)


@pytest.mark.parametrize(
    ("fewer", "more", "gain"),  # of 10000 images, by the mean of five seeds
    [
        ((), ("cross-entropy",), 797),
        ((), ("Adam",), 756),
        ((), ("ReLU",), -985),
        ((), ("decaying rate",), -387),
        ((), ("smoothed targets",), -79),
        (("scaled start",), ("scaled start", "ReLU"), 658),
        (("scaled start",), ("scaled start", "Adam"), 772),
        (TOP[:1] + TOP[2:], TOP, 26),
        (TOP[:3] + TOP[4:], TOP, 73),
        (TOP[1:], TOP, 35),
    ],
)
def test_a_change_brings_what_the_chapter_says(fewer, more, gain):
    (before, of_before), (after, of_after) = summary(fewer), summary(more)
    assert abs(after - before - gain) < 1
    assert abs(gain) > 5 * np.sqrt(of_before + of_after)


@pytest.mark.parametrize(
    ("fewer", "more"),
    [
        ((), ("scaled start",)),
        (TOP[:2] + TOP[3:], TOP),
        (TOP[:4] + TOP[5:], TOP),
        (TOP[:5], TOP),
        (TOP, CHANGES),
    ],
)
def test_five_seeds_cannot_tell_these_apart(fewer, more):
    before, after = (fresh(recorded(), rung(changes).name) for changes in (fewer, more))
    assert max(before) >= min(after)
    assert abs(mean(after) - mean(before)) < 17
