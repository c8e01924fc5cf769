"""The tasks of chapter 11: functions for the reader to write, and what `check` tries on them.

If you would rather find out alone, do not read on.
"""

from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from checking import Function, Leaves, Task
from nnlib import (
    Network,
    adam,
    gradient_descent,
    he_normal,
    identity,
    load_mnist,
    minibatches,
    one_hot,
    relu,
    softmax_cross_entropy,
)
from tasks_shared import single

# The nearest of ten mean images


def clusters(
    rng: Any, pixels: int, m: int, spread: float
) -> tuple[Any, Any, Any]:
    """Return inputs around ten centers, one for each digit, their labels, and new inputs."""
    centers = rng.normal(size=(pixels, 10))
    labels = rng.permutation(np.arange(m) % 10)
    X = centers[:, labels] + spread * rng.normal(size=(pixels, m))
    X_new = centers[:, rng.integers(10, size=60)]
    return X, labels, X_new + spread * rng.normal(size=X_new.shape)


def nearest_mean_cases() -> Iterator[tuple[Any, ...]]:
    """Yield inputs, their digits, and new inputs; digits are not equally frequent."""
    rng = np.random.default_rng(11)
    for pixels, m, spread in ((3, 40, 0.8), (5, 33, 1.0), (2, 58, 0.5)):
        yield clusters(rng, pixels, m, spread)
    X, labels, X_new = clusters(rng, 4, 47, 0.6)
    yield single(X), labels, single(X_new)


def nearest_mean_by_sums(X: Any, labels: Any, X_new: Any) -> Any:
    """Return the digits of the nearest means, from sums in plain Python."""
    means = []
    for d in range(10):
        mine = [x for x, label in zip(X.T, labels, strict=True) if label == d]
        means.append(
            [sum(pixel) / len(mine) for pixel in zip(*mine, strict=True)]
        )
    digits = []
    for x in X_new.T:
        squares = [
            sum((a - b) ** 2 for a, b in zip(x, mean, strict=True))
            for mean in means
        ]
        digits.append(squares.index(min(squares)))
    return np.array(digits)


def nearest_mean_model(
    X: Any,
    labels: Any,
    X_new: Any,
    center: Function = lambda x: x.mean(axis=1),
    distance: Function = lambda x, mean: ((x - mean[:, None]) ** 2).sum(axis=0),
    choose: Function = lambda d: d.argmin(axis=0),
) -> Any:
    """Return the digit of the nearest mean for each column; the keywords are for mistakes."""
    means = [center(X[:, labels == d]) for d in range(10)]
    return choose(np.array([distance(X_new, mean) for mean in means]))


NEAREST_MEAN = Task(
    arguments="X, labels, X_new",
    returns="digits",
    cases=nearest_mean_cases,
    right=nearest_mean_by_sums,
    passed="On {} sets of inputs, all answers are those of distances computed by plain sums.",
    model=nearest_mean_model,
    mistakes={
        "center": {
            "The centers are sums; expected means, over the images of each digit.": (
                lambda x: x.sum(axis=1)
            ),
            "Each digit is represented by a single image, not by the mean of all its images.": (
                lambda x: x[:, 0]
            ),
        },
        "distance": {
            "The absolute differences are added up; expected their squares.": lambda x, mean: (
                np.abs(x - mean[:, None]).sum(axis=0)
            ),
            "The differences are added up before they are squared, so that they cancel.": (
                lambda x, mean: (x - mean[:, None]).sum(axis=0) ** 2
            ),
            "The product with each mean is no distance: where is half the square of the mean's "
            "length?": lambda x, mean: -(mean @ x),
        },
        "choose": {
            "These are the digits of the farthest means: argmin, not argmax.": (
                lambda d: d.argmax(axis=0)
            ),
        },
    },
    explain=lambda leaves: (
        "Some columns get another digit than that of the nearest mean. For each digit the mean of its "
        "columns of X; for each column of X_new the sum of the squared differences to each mean; "
        "then the index of the smallest."
    ),
)


# How long a step of the output layer may be


def bound_cases() -> Iterator[tuple[Any, ...]]:
    """Yield hidden activations, a column for each image."""
    rng = np.random.default_rng(13)
    for n, m in ((3, 7), (5, 4), (8, 50)):
        yield (rng.random((n, m)),)
    yield (np.full((3, 6), 0.5),)
    yield (single(rng.random((4, 9))),)


def bound_by_singular_value(A_1: Any) -> Any:
    """Return the bound from the largest singular value of B, whose square is m lambda_max."""
    B = np.vstack([A_1, np.ones_like(A_1[:1])])
    return 2 * B.shape[1] / np.linalg.norm(B, 2) ** 2


def bound_model(
    A_1: Any,
    extend: Function = lambda A: np.vstack([A, np.ones_like(A[:1])]),
    divide: Function = lambda n, m: m,
    choose: Function = lambda eigenvalues: eigenvalues[-1],
    turn: Function = lambda largest: 2 / largest,
) -> Any:
    """Return the bound of the output layer; the keywords are for mistakes."""
    B = extend(A_1)
    H = B @ B.T / divide(*A_1.shape)
    return turn(choose(np.linalg.eigvalsh(H)))


STEP_BOUND = Task(
    arguments="A_1",
    returns="bound",
    cases=bound_cases,
    right=bound_by_singular_value,
    passed="{} bounds are right; they come from the largest singular value of B.",
    model=bound_model,
    mistakes={
        "extend": {
            "B has a row of ones below A_1, for the bias: is it missing?": lambda A: (
                A
            ),
        },
        "divide": {
            "H is B B^T divided by m, the number of columns: is 1/m missing?": (
                lambda n, m: 1
            ),
            "H is divided by m, the number of columns of A_1, not by the number of its rows.": (
                lambda n, m: n
            ),
        },
        "choose": {
            "That is the smallest eigenvalue; expected the largest. (eigvalsh sorts upward.)": (
                lambda eigenvalues: eigenvalues[0]
            ),
            "That is the sum of the eigenvalues; expected the largest.": np.sum,
        },
        "turn": {
            "That is lambda_max itself; the bound is 2 / lambda_max.": lambda largest: (
                largest
            ),
            "That is 1 / lambda_max; the factor 1 - gamma lambda is -1 at 2 / lambda_max.": (
                lambda largest: 1 / largest
            ),
        },
    },
    explain=lambda leaves: (
        "Some bounds are wrong. If all columns of B are equal, lambda_max is their squared length."
    ),
)


# Who is taken for whom


def confusion_cases() -> Iterator[tuple[Any, ...]]:
    """Yield digits that are shown and answers; some pairs occur often and some never."""
    rng = np.random.default_rng(12)
    for m in (400, 60, 1):
        labels = rng.integers(10, size=m)
        slips = rng.integers(10, size=m)
        yield labels, np.where(rng.random(m) < 0.7, labels, slips)
    yield np.array([4, 4, 9, 4]), np.array([9, 9, 4, 4])


def confusion_by_counting(labels: Any, answers: Any) -> Any:
    """Return how often each pair occurs, counted one by one."""
    C = [[0] * 10 for _ in range(10)]
    for label, answer in zip(labels, answers, strict=True):
        C[int(label)][int(answer)] += 1
    return np.array(C)


def confusion_model(
    labels: Any,
    answers: Any,
    place: Function = lambda shown, answer: (shown, answer),
    count: Function = np.add.at,
    finish: Function = lambda C: C,
) -> Any:
    """Return the matrix that counts pairs of digits and answers; the keywords are for mistakes."""
    C = np.zeros((10, 10))
    count(C, place(labels, answers), 1)
    return finish(C)


def set_to_one(C: Any, places: Any, one: int) -> None:
    """Add 1 to the places, as C[places] += 1 does it: once, however often a place occurs."""
    C[places] += one


CONFUSION = Task(
    arguments="labels, answers",
    returns="C",
    cases=confusion_cases,
    right=confusion_by_counting,
    passed="On {} lists of digits and answers, all hundred counts are right.",
    model=confusion_model,
    mistakes={
        "place": {
            "Rows and columns are exchanged: row i belongs to the digit shown.": (
                lambda shown, answer: (answer, shown)
            ),
        },
        "count": {
            "Each pair is counted once, however often it occurs: that is what C[labels, answers] += 1 "
            "does. Use a loop, np.add.at or np.bincount.": set_to_one,
        },
        "finish": {
            "Right answers are missing: they belong on the diagonal.": lambda C: (
                C - np.diag(np.diag(C))
            ),
            "These are shares of a row; expected counts.": lambda C: (
                C / np.maximum(C.sum(axis=1, keepdims=True), 1)
            ),
        },
    },
    explain=lambda leaves: (
        f"C adds up to {leaves['C'].sum():g}, and some of its counts are wrong."
    ),
)


# A reader of digits of the reader's own, judged on the validation images

LEARNED, LEAST = 5000, 9450
"""How many images there are to learn from, and how many of 10000 others must be read right."""

WAIT = (
    "Learning from 5000 images, once, then reading 10000 others. Nothing appears\n"
    "until that is done. Our version takes about 15 seconds on a quiet core."
)
"""What is printed before a reader of digits learns."""


@cache
def training_images() -> tuple[Any, Any]:
    """Return MNIST's training images and labels; no check ever looks at the test images."""
    mnist = load_mnist(Path(__file__).parent / "data/mnist", dtype=np.float32)
    return mnist.X_train, mnist.labels_train


counts_seen: deque[int] = deque(maxlen=2)
"""How many validation images were read right, the latest two counts."""


def few_images() -> Iterator[tuple[Any, ...]]:
    """Yield 5000 images, their digits, and the 10000 validation images."""
    X, labels = training_images()
    yield X[:, :LEARNED], labels[:LEARNED], X[:, 50000:]


def few_right(leaves: Leaves, X: Any, labels: Any, X_new: Any) -> Leaves:
    """Return how many of 10000 answers are right, where more than half count as all."""
    right = int(np.sum(leaves["digits"] == training_images()[1][50000:]))
    counts_seen.append(right)
    return {"digits": np.array(10000 if right > 5000 else right)}


def reader_model(X: Any, labels: Any, X_new: Any) -> Any:
    """Return the digits that a network reads after 600 batches of 50 columns."""
    network = Network((784, 200, 10), (relu, identity), softmax_cross_entropy)
    rng = np.random.default_rng(0)
    theta = he_normal(network.n, rng, dtype=X.dtype)
    theta = gradient_descent(
        network.value_and_gradient,
        theta,
        lambda k: 0.004 * (1 - k / 600),
        600,
        rule=adam(),
        batches=minibatches(X, one_hot(labels, dtype=X.dtype), 50, rng),
    )
    return network(theta, X_new).argmax(axis=0)


def validated() -> int:
    """Return how many of the 10000 validation images the latest function has read right.

    One training is enough: its digits were counted before the expected ones.
    """
    return counts_seen[0]


def reader_objection(function: Function) -> str:
    """Return how much a reader of digits has reached if that is too little, or ""."""
    count = validated()
    if count >= LEAST:
        return ""
    return (
        f"After learning from {LEARNED} images it reads {count / 100:.2f} percent of the 10000 "
        f"validation images, less than {LEAST / 100:g}. (The nearest neighbors read about 94.)"
    )


def reads_well(function: Function) -> str:
    """Return what a reader of digits has reached, and what there is to beat.

    The book's own readers are called otherwise than the reader's. Of these it gives whole percent,
    since the next digits are not the same on every processor.
    """
    percent = validated() / 100
    if getattr(function, "__name__", "") == "my_reader":
        reached = f"it reads {percent:.2f} percent"
        beat = " (The book's own reads a little more than 97.)"
    else:
        reached, beat = f"it reads more than {int(percent)} percent", ""
    return (
        f"After learning from {LEARNED} images, {reached} of the 10000 validation images.{beat} The "
        "test images stay locked."
    )


READER = Task(
    arguments="X, labels, X_new",
    returns="digits",
    cases=few_images,
    right=lambda X, labels, X_new: training_images()[1][50000:],
    passed=reads_well,
    model=reader_model,
    mistakes={},
    view=few_right,
    explain=lambda leaves: (
        f"After learning from {LEARNED} images it reads {leaves['digits']:g} of 10000 others right; "
        "expected more than half. Are the columns of X and the labels still in the same order?"
    ),
    objection=reader_objection,
)
