"""Trainings beside chapter 11's ladder: how they are made, and what the record holds."""

import csv
from collections import Counter

import numpy as np
import pytest

from nnlib import (
    Network,
    accuracy,
    adam,
    constant_step,
    gradient_descent,
    identity,
    load_mnist,
    minibatches,
    one_hot,
    random_normal,
    sigmoid,
    softmax_cross_entropy,
    squared_error,
)
from scripts.ladder import CHOOSING, N, best_rate, fresh, recorded, rung
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


def reads(way):
    """Return how many images the two seeds read after this way of training."""
    return np.array([int(row["right_of_10000"]) for row in rows(REASONS) if row["way"] == way])


@pytest.mark.parametrize("cure", ["first layer faster", "smaller output layer"])
def test_each_cure_brings_back_a_part_of_what_smoothing_costs(cure):
    cured = reads(f"smoothed targets, {cure}")
    assert np.all(cured > fresh(recorded(), "smoothed targets")[:2])
    assert np.mean(cured) < np.mean(fresh(recorded(), rung(()).name)[:2])


def test_decay_cannot_start_twice_as_high_with_relu_and_plain_descent():
    company = ("scaled start", "ReLU", "cross-entropy")
    counts = {row[:2]: row[4] for row in recorded() if row[2] == 0}
    for changes, beyond in ((company, 2500), ((*company, "decaying rate"), 8500)):
        name = rung(changes).name
        assert counts[name, 0.96] > 9800
        assert counts[name, 1.92] < beyond


def test_a_lucky_seed_is_lucky_in_most_cases():
    known = recorded()
    counts = {row[:3]: row[4] for row in known}
    names = {row[0] for row in known}
    searching = fresh_ones = 0
    for name in names:
        others = fresh(known, name)
        searching += counts[name, best_rate(known, name), CHOOSING[0]] > np.mean(others)
        fresh_ones += others[0] > np.mean(others[1:])
    assert (len(names), searching, fresh_ones) == (24, 19, 20)


@pytest.fixture(scope="module")
def short():
    """Return how far E jumps, and the percentage read, in 200 steps on 5000 images."""
    mnist = load_mnist(DATA / "mnist", dtype=np.float32)
    X, Y = mnist.X_train[:, :5000], one_hot(mnist.labels_train[:5000], dtype=np.float32)
    start = random_normal(N, np.random.RandomState(1), scale=0.2, dtype=np.float32)

    def train(error, rate, rule=constant_step):
        network, errors = Network(N, (sigmoid, identity), error), []
        theta = gradient_descent(
            network.value_and_gradient,
            start,
            rate,
            200,
            rule=rule,
            batches=minibatches(X, Y, 250, np.random.default_rng(0)),
            callback=lambda k, theta, E, gradient: errors.append(E),
        )
        A = network(theta, mnist.X_train[:, 50000:])
        return max(errors) / errors[0], 100 * accuracy(A, mnist.labels_train[50000:])

    return train


def test_the_cross_entropy_does_not_jump_and_allows_larger_steps(short):
    jump, read = short(squared_error, 0.03)
    jump_same, read_same = short(softmax_cross_entropy, 0.03)
    jump_larger, read_larger = short(softmax_cross_entropy, 1.344)
    assert jump > 10
    assert jump_same == 1
    assert 3 < jump_larger < 6
    assert read_same > read + 10
    assert read_larger > read_same + 10


def test_two_rates_do_as_well_as_adam_in_200_steps(short):
    read = short(squared_error, 0.03)[1]
    two_rates = short(squared_error, 0.005, first_layer_faster(200))[1]
    assert two_rates > read + 20
    assert abs(two_rates - short(squared_error, 0.0042, adam())[1]) < 5
