"""What the files around the book and the library say about each other.

Versions, pins and targets stand in several files, some of which cannot be tried on every machine
(conda, GitHub's runners). zizmor and actionlint check the rest of the workflows.
"""

import ast
import importlib.metadata
import io
import os
import re
import subprocess
import sys
import tokenize
import tomllib
from pathlib import Path

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import nnlib

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "nnlib").rglob("*.py"))
PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE-CC-BY-4.0.md"]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def read_yaml(path: str) -> dict:
    """Read a YAML file with every scalar as the string that is written: on, 3.10, true."""
    return yaml.load(read(path), Loader=yaml.BaseLoader)


PYPROJECT = tomllib.loads(read("pyproject.toml"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
GROUPS = PYPROJECT["dependency-groups"]
ELSEWHERE = EXTRAS.pop("frameworks")  # pinned in a file of their own
EXTRAS.pop("gpu")  # pinned nowhere: the version depends on the GPU's driver
ENVIRONMENT = read_yaml("environment.yml")
TEST, DEPLOY, RELEASE = (
    read_yaml(f".github/workflows/{name}.yml") for name in ("test", "pages", "release")
)


def requirements(texts: list) -> dict[str, Requirement]:
    """Return requirements by their names, leaving out what a group includes by reference."""
    parsed = [Requirement(text) for text in texts if isinstance(text, str)]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def floor(requirement: Requirement) -> str:
    (least,) = (part.version for part in requirement.specifier if part.operator == ">=")
    return least


OLDEST_PYTHON = floor(Requirement(f"python{PROJECT['requires-python']}"))
OLDEST_NUMPY = floor(requirements(PROJECT["dependencies"])["numpy"])
DECLARED = [
    *requirements(PROJECT["dependencies"]).values(),
    *requirements(PYPROJECT["build-system"]["requires"]).values(),
    *(r for texts in [*EXTRAS.values(), *GROUPS.values()] for r in requirements(texts).values()),
]
SYSTEMS = [
    {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
]
PYTHONS = ["3.11.0", "3.11.9", "3.12.0", "3.13.0", "3.14.0"]


# Requirements


PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[0-9][0-9a-z.]*)( ; (?P<marker>.+))?")


def pins(system: dict[str, str], python: str) -> list[tuple[str, Version]]:
    """Return the names and versions that requirements.txt pins on a system."""
    environment = system | {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    lines = [Requirement(line) for line in read("requirements.txt").splitlines()]
    return [
        (line.name, Version(str(line.specifier).removeprefix("==")))
        for line in lines
        if line.marker is None or line.marker.evaluate(environment)
    ]


def test_every_line_of_requirements_is_a_pin():
    """Nothing but name==version and a marker: no address, index, path, option or comment."""
    lines = read("requirements.txt").splitlines()
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    assert not re.search(r"://|@|--|file:|index|links", read("requirements.txt"))


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system["sys_platform"])
def test_requirements_pin_what_pyproject_declares(system, python):
    found = pins(system, python)
    versions = dict(found)
    assert len(versions) == len(found), "a package is pinned twice"
    assert {canonicalize_name(r.name) for r in DECLARED} <= set(versions)
    assert [r for r in DECLARED if versions[canonicalize_name(r.name)] not in r.specifier] == []


def test_frameworks_are_pinned_in_a_file_of_their_own():
    """For the machines that have builds of all of them; other requirements know none of them."""
    lines = read("tests/frameworks/requirements.txt").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==\d[0-9a-z.]*", line)] == []
    found = [Requirement(line) for line in lines]
    pinned = {canonicalize_name(r.name): str(r.specifier).removeprefix("==") for r in found}
    assert len(pinned) == len(lines), "a package is pinned twice"
    wanted = requirements([*ELSEWHERE, *PROJECT["dependencies"]])
    assert {name: r for name, r in wanted.items() if pinned[name] not in r.specifier} == {}
    assert {"pytest", "hatchling", "editables"} <= set(pinned)
    others = {canonicalize_name(r.name) for r in DECLARED}
    assert not set(requirements(ELSEWHERE)) & others
    assert not {"nnlib", "nnlib-book"} & set(pinned)


def test_requirements_do_not_pin_the_project_or_its_namesake():
    assert not {"nnlib", "nnlib-book"} & {name for name, _ in pins(SYSTEMS[0], PYTHONS[0])}


def test_floors_of_a_package_are_the_same_wherever_it_is_declared():
    by_name: dict[str, set[str]] = {}
    for requirement in DECLARED:
        by_name.setdefault(canonicalize_name(requirement.name), set()).add(
            str(requirement.specifier)
        )
    assert {name: floors for name, floors in by_name.items() if len(floors) > 1} == {}


def test_group_dev_includes_every_other_group():
    included = {entry["include-group"] for entry in GROUPS["dev"]}
    assert included == set(GROUPS) - {"dev"}


def test_conda_environment_has_the_packages_and_floors_of_pyproject():
    *packages, pip, through_pip = ENVIRONMENT["dependencies"]
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert pip == "pip"
    assert through_pip == {"pip": ["-e .[notebooks]"]}
    assert f"python={OLDEST_PYTHON}" in packages
    conda = requirements([text for text in packages if not text.startswith("python=")])
    wanted = requirements(PROJECT["dependencies"] + EXTRAS["notebooks"])
    assert {name: r.specifier for name, r in conda.items()} == {
        name: r.specifier for name, r in wanted.items()
    }


def test_oldest_python_is_the_same_everywhere():
    major, minor = OLDEST_PYTHON.split(".")
    makefile = read("Makefile")
    assert f"sys.version_info < ({major}, {minor})" in makefile
    assert f"--python-version {OLDEST_PYTHON} " in makefile
    assert f"Python >= {OLDEST_PYTHON} " in makefile
    assert f"Python >= {OLDEST_PYTHON} " in read(".ci/run")
    for page in ("README.md", "CONTRIBUTING.md"):
        assert f"Python {OLDEST_PYTHON} or later" in read(page)
    for job in (TEST["jobs"]["book"], DEPLOY["jobs"]["build"], RELEASE["jobs"]["build"]):
        assert python_of(job) == OLDEST_PYTHON


# Versions


def test_there_is_one_version():
    released = re.findall(r"^## \[(\d[^]]*)\] - \d{4}-\d\d-\d\d$", read("CHANGELOG.md"), re.M)
    versions = {
        "nnlib": nnlib.__version__,
        "installed": importlib.metadata.version(PROJECT["name"]),
        "CITATION.cff": read_yaml("CITATION.cff")["version"],
        "CHANGELOG.md": released[0],
    }
    assert set(versions.values()) == {nnlib.__version__}, versions


def test_changelog_begins_with_what_is_unreleased_and_goes_back_in_time():
    headings = re.findall(r"^## \[([^]]*)\](?: - (.*))?$", read("CHANGELOG.md"), re.M)
    (first, date), *released = headings
    assert (first, date) == ("Unreleased", "")
    assert released == sorted(released, key=lambda r: (Version(r[0]), r[1]), reverse=True)


# Continuous integration


def commands(job: dict) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def python_of(job: dict) -> str:
    (setup,) = (s for s in job["steps"] if s.get("uses", "").startswith("actions/setup-python@"))
    return setup["with"]["python-version"]


def test_library_is_tested_with_the_oldest_and_the_newest_versions():
    job = TEST["jobs"]["library"]
    matrix = job["strategy"]["matrix"]
    oldest, newest = matrix["python"]
    assert oldest == OLDEST_PYTHON
    assert Version(newest) >= Version("{}.{}".format(*sys.version_info))
    assert matrix["include"] == [
        {"python": oldest, "numpy": f"numpy=={OLDEST_NUMPY}.*"},
        {"python": newest, "numpy": "numpy"},
    ]


def test_workflow_makes_the_targets_of_the_local_run_in_their_order():
    local = [line for line in read(".ci/run").splitlines() if line.startswith("make ")]
    there = [line for line in commands(TEST["jobs"]["book"]) if line.startswith("make ")]
    assert there == local


def test_tag_of_a_release_has_to_be_the_version():
    (script,) = (run for run in commands(RELEASE["jobs"]["build"]) if run.startswith("test "))
    for tag, code in ((f"v{nnlib.__version__}", 0), ("v0.0.0", 1)):
        environment = os.environ | {"GITHUB_REF_NAME": tag}
        assert subprocess.run(["sh", "-c", script], cwd=ROOT, env=environment).returncode == code


# Pages


def code(page: str) -> str:
    """Return what a page shows as code, in blocks and between backticks."""
    text = read(page)
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text)])


@pytest.mark.parametrize("page", PAGES)
def test_make_targets_that_pages_name_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
    assert set(re.findall(r"\bmake ([a-z-]+)", code(page))) <= targets


@pytest.mark.parametrize("page", PAGES)
def test_files_that_pages_link_to_exist(page):
    text = re.sub(r"`[^`\n]+`", "", read(page))
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", text)
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_example_of_the_readme_prints_what_it_says(capsys):
    (example,) = re.findall(r"^```python\n(.*?)^```$", read("README.md"), re.M | re.S)
    exec(example, {})
    printed = capsys.readouterr().out.strip()
    assert printed == f"[[{np.sin(1.0):.2f}]]"
    assert f"# {printed}, and sin 1 is {np.sin(1.0):.2f}" in example


# The library


LAYOUT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def count_code(source: str) -> int:
    """Return the number of lines of code: no docstrings, comments, blank lines or imports."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {
        line
        for token in tokens
        if token.type not in LAYOUT
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Import() | ast.ImportFrom():
                lines -= set(range(node.lineno, node.end_lineno + 1))
    return len(lines)


def test_count_code_leaves_out_what_is_not_code():
    imports = "from a import (\n    b,\n)\n"
    documented = '"""Doc.\n\nMore.\n"""\n\nx = [  # comment\n    1,\n]\n"""Of x."""\n# comment\n'
    assert count_code(imports + documented) == 3
    assert count_code(documented + 'y = """a\n\nb"""\n') == 6


def test_library_is_thin():
    count = {
        path.relative_to(ROOT).as_posix(): count_code(path.read_text(encoding="utf-8"))
        for path in MODULES
        if path.name not in ("__init__.py", "_checks.py", "_files.py")  # names, and no mathematics
    }
    assert 0 < sum(count.values()) < 700, count


def imported(node: ast.AST) -> list[str]:
    """Return the top-level packages that a statement imports."""
    match node:
        case ast.Import():
            return [alias.name.partition(".")[0] for alias in node.names]
        case ast.ImportFrom(level=0):
            return [str(node.module).partition(".")[0]]
        case ast.ImportFrom():
            return ["nnlib"]
    return []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_library_imports_numpy_only_and_pooch_where_it_is_needed(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner = {node for function in functions for node in ast.walk(function)}
    own = {"nnlib", *sys.stdlib_module_names}
    at_import = {name for node in ast.walk(tree) if node not in inner for name in imported(node)}
    in_calls = {name for node in inner for name in imported(node)}
    assert at_import - own <= {"numpy"}
    assert in_calls - own <= {"numpy", "pooch"}


def test_numpy_is_the_only_hard_requirement():
    assert set(requirements(PROJECT["dependencies"])) == {"numpy"}
    assert set(requirements(EXTRAS["mnist"])) == {"pooch"}


# Licenses


def test_there_is_one_license_of_the_code():
    assert PROJECT["license"] == "MIT"
    assert read_yaml("CITATION.cff")["license"] == PROJECT["license"]
    assert importlib.metadata.metadata(PROJECT["name"])["License-Expression"] == PROJECT["license"]
