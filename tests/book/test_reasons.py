"""Trainings beside chapter 11's ladder: how they are made, and what the record holds."""

import csv
from collections import Counter

import numpy as np
import pytest

from nnlib import Network, identity, softmax_cross_entropy
from scripts.ladder import N, rung
from scripts.record_digit_reasons import (
    EDGES,
    FIRST,
    MISREAD,
    REASONS,
    SEEDS,
    SURE,
    WAYS,
    descend,
    first_layer_faster,
    smaller_output_layer,
    sureness,
)
from scripts.records import DATA


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_first_layer_takes_larger_steps():
    x, gradient = np.zeros(FIRST + 3010), np.ones(FIRST + 3010)
    there, _ = first_layer_faster(200)(None, x, 0.0, gradient, 0.5, None)
    np.testing.assert_array_equal(there[:FIRST], -100)
    np.testing.assert_array_equal(there[FIRST:], -0.5)


def test_the_output_layer_starts_smaller():
    start = rung(()).start
    theta = start(N, np.random.default_rng(0), np.float64)
    smaller = smaller_output_layer(start)(N, np.random.default_rng(0), np.float64)
    np.testing.assert_array_equal(smaller[:FIRST], theta[:FIRST])
    np.testing.assert_allclose(smaller[FIRST:], 0.9 * theta[FIRST:])


@pytest.mark.parametrize(("name", "way", "rate", "epochs"), WAYS)
def test_every_way_learns_something(name, way, rate, epochs):
    rng = np.random.default_rng(0)
    labels = rng.integers(10, size=500)
    X = np.where(np.arange(784)[:, None] // 78 == labels, rng.random((784, 500)), 0)
    network, theta = descend(way, rate, 0, 200, X.astype(np.float32), labels)
    assert np.mean(network(theta, X.astype(np.float32)).argmax(axis=0) == labels) > 0.2


def test_answers_are_grouped_by_how_sure_they_are():
    network = Network((1, 2), (identity,), softmax_cross_entropy)
    theta = np.array([0.0, 1.0, 0.0, 0.0])  # S is the sigmoid of -x and of x
    X = np.array([[0.2, 1.0, 2.0, 9.0]])
    groups = sureness(network, theta, X, np.array([0, 1, 1, 1]))
    assert [(low, count, correct) for low, count, _, correct in groups] == [
        (0, 0, 0),
        (0.5, 1, 0),
        (0.6, 0, 0),
        (0.7, 1, 1),
        (0.8, 1, 1),
        (0.9, 1, 1),
    ]


def test_the_record_has_every_way_with_both_seeds():
    recorded = [
        (r["way"], float(r["rate"]), int(r["epochs"]), int(r["seed"])) for r in rows(REASONS)
    ]
    expected = [
        (name or way.name, rate, epochs, seed) for name, way, rate, epochs in WAYS for seed in SEEDS
    ]
    assert recorded == expected


def test_the_record_groups_all_validation_images():
    answers = Counter()
    for row in rows(SURE):
        answers[row["targets"], row["seed"]] += int(row["answers"])
    assert answers == {(t, str(s)): 10000 for t in ("one-hot", "smoothed") for s in SEEDS}
    assert len(rows(SURE)) == 4 * (len(EDGES) - 1)


def test_networks_trained_again_misread_about_as_many():
    again = Counter(row["seed"] for row in rows(MISREAD))
    for row in rows(DATA / "digit_final.csv"):
        assert abs(10000 - int(row["right_of_10000"]) - again[row["seed"]]) < 20
