"""The same network elsewhere: every framework against nnlib and each other."""

import ast
import csv
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import agreement
import nnlib
from agreement import ACTIVATIONS, FRAMEWORKS, HEADER, TABLE, Case, cases

HERE = Path(__file__).parent
TOLERANCE = 1e-10
CASES = list(cases())
OTHERS = [name for name in FRAMEWORKS if name != "nnlib"]


def needs(*frameworks: str) -> pytest.MarkDecorator:
    missing = not all(map(agreement.is_installed, frameworks))
    reason = "needs the frameworks: make test-frameworks"
    return pytest.mark.skipif(missing, reason=reason)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(*pair, id="-".join(pair), marks=needs(*pair))
        for pair in combinations(FRAMEWORKS, 2)
    ],
)
def test_two_frameworks_agree(first, second):
    shared = [
        case
        for case in CASES
        if agreement.can(first, case) and agreement.can(second, case)
    ]
    assert len(shared) > 20
    found = {
        str(case): agreement.differences(case, first, second) for case in shared
    }
    assert {
        name: differences
        for name, differences in found.items()
        if max(differences) > TOLERANCE
    } == {}


def test_cases_are_what_they_are_said_to_be():
    assert {g for case in CASES for g in case.g} == set(ACTIVATIONS)
    assert {case.error for case in CASES} == {
        "squared_error",
        "softmax_cross_entropy",
    }
    assert len({str(case) for case in CASES}) == len(CASES)
    assert 1 in {case.m for case in CASES}
    assert 1 in {len(case.g) for case in CASES}
    assert max(len(case.g) for case in CASES) > 10


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_network_has_a_gradient_and_learns(case):
    W, b, g, error, X, Y, rate, steps = case.arguments()
    _, E, gradient, theta = agreement.run("nnlib", case)
    assert steps == 10
    assert np.linalg.norm(gradient) > 1e-3
    *_, after = agreement.script("nnlib").run(W, b, g, error, X, Y, rate, 0)
    np.testing.assert_array_equal(after, nnlib.pack(W, b))
    network = nnlib.Network(
        case.n, [getattr(nnlib, name) for name in g[1:]], getattr(nnlib, error)
    )
    assert network.E(theta, X, Y) < E


def test_far_inputs_reach_beyond_the_threshold_of_a_softplus():
    case = Case((3, 5, 2), ("softplus", "identity"), spread=60, rate=1e-4)
    assert case in CASES
    W, b, _, _, X, *_ = case.arguments()
    assert np.max(W[1] @ X + b[1]) > 20


@pytest.mark.parametrize("name", OTHERS)
def test_scripts_of_the_frameworks_do_without_nnlib(name):
    path = HERE / f"with_{name.lower().replace('-', '_')}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    froms = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names = {alias.name for node in imports for alias in node.names}
    names |= {node.module for node in froms}
    assert len(names) > 1
    assert not [name for name in names if name.startswith("nnlib")]


def test_every_script_is_run():
    stems = {name.lower().replace("-", "_") for name in FRAMEWORKS}
    assert {path.stem for path in HERE.glob("with_*.py")} == {
        f"with_{stem}" for stem in stems
    }


# The table that the book shows


def recorded() -> dict[str, dict[str, str]]:
    with TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HEADER
    return {row["Framework"]: row for row in rows}


def test_the_table_has_a_line_for_every_framework():
    assert list(recorded()) == OTHERS
    for name, row in recorded().items():
        shared = [case for case in CASES if agreement.can(name, case)]
        assert int(row["Networks"]) == len(shared)
        for quantity in agreement.QUANTITIES:
            assert 0 < float(row[quantity]) <= TOLERANCE


def test_the_table_is_of_the_pinned_versions():
    pins = (HERE / "requirements.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([\w-]+)==(.*)$", pins, re.M))
    for name, row in recorded().items():
        package, *others = FRAMEWORKS[name]
        versions = [pinned[package], *[f"{n} {pinned[n]}" for n in others]]
        assert row["Version"] == ", ".join(versions)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=needs(name)) for name in OTHERS]
)
def test_the_table_is_not_better_than_what_is_measured(name):
    measured = agreement.measure(name)[-len(agreement.QUANTITIES) :]
    for quantity, most in zip(agreement.QUANTITIES, measured, strict=True):
        assert float(most) < 10 * float(recorded()[name][quantity])
