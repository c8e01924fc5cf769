"""The settings in which notebooks are compared: they change the last digits, and that shows."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

FOLDER = Path(__file__).parent
sys_path = f"import sys; sys.path.insert(0, {str(FOLDER)!r})\n"

COMPUTE = """
import json, rounding
if SEED: rounding.install(SEED)
import numpy as np
from nnlib import forward, identity, sigmoid
rng = np.random.default_rng(0)
A, B = rng.normal(size=(2, 30, 30))
whole = np.arange(900.0).reshape(30, 30)
Z, _ = forward([None, A], [None, B[:, :1]], [identity, sigmoid], B)
print(json.dumps({
    "exp": np.exp(A).tolist(),
    "matmul": np.matmul(A, B).tolist(),
    "nnlib's @": Z[1].tolist(),
    "exact": [(np.matmul(whole, whole)).tolist(), np.exp(np.zeros(2)).tolist()],
    "one term": np.matmul(A[:, :1], np.ones((1, 3))).tolist(),
}))
"""


@pytest.fixture(scope="module")
def results() -> list[dict[str, list]]:
    """Return what the same lines compute without noise, with it, with it again, and with other."""
    found = []
    for seed in (0, 1, 1, 2):
        code = sys_path + COMPUTE.replace("SEED", str(seed))
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=300
        )
        found.append(json.loads(done.stdout))
    return found


@pytest.mark.parametrize("kind", ["exp", "matmul", "nnlib's @"])
def test_noise_changes_the_last_digits_and_no_others(results, kind):
    plain, noisy, again, other = (result[kind] for result in results)
    assert plain != noisy == again != other
    np.testing.assert_allclose(noisy, plain, rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("kind", ["exact", "one term"])
def test_noise_leaves_what_is_exact_on_every_processor(results, kind):
    assert results[0][kind] == results[1][kind] == results[3][kind]


CHAOTIC = """
import numpy as np
x = np.random.default_rng(0).normal(size=(20, 20))
A = np.random.default_rng(1).normal(size=(20, 20))
for _ in range(300):
    x = np.sin(3 * A @ x)
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> Path:
    """Return a notebook that prints the shape that a chaotic iteration ends with, and a digit."""
    names: dict[str, np.ndarray] = {}
    exec(CHAOTIC, names)
    x, cells = names["x"], []
    for source, printed in [
        (CHAOTIC + "print(x.shape)", f"{x.shape}\n"),
        ("print(f'{x[0, 0]:.1f}')", f"{x[0, 0]:.1f}\n"),
    ]:
        output = nbformat.v4.new_output("stream", name="stdout", text=printed)
        cell = nbformat.v4.new_code_cell(source, outputs=[output], execution_count=len(cells) + 1)
        cells.append(cell)
    path = tmp_path_factory.mktemp("planted") / "planted.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def compare(path: Path, setting: dict[str, str]) -> str:
    """Return what pytest says when it compares the notebook in this setting."""
    arguments = f"{setting}, [{str(path)!r}], '--rootdir', {str(path.parent)!r}, '-rA'"
    done = subprocess.run(
        [sys.executable, "-c", f"{sys_path}import run; run.compare({arguments})"],
        capture_output=True,
        check=True,
        text=True,
        timeout=300,
    )
    return done.stdout


def test_rounding_noise_finds_the_digit_that_depends_on_rounding_and_nothing_else(planted):
    assert "2 passed" in compare(planted, {})
    found = compare(planted, {"ROUNDING_NOISE": "1"})
    assert "1 failed, 1 passed" in found
    assert "planted.ipynb::Cell 1 ____" in found  # the title of its failure
    assert "mismatch 'stdout'" in found
