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


@pytest.mark.parametrize(
    ("line", "status"), [("print(x.shape)", 0), ("print(f'{x[0, 0]:.4f}')", 1)]
)
def test_a_digit_of_a_chaotic_iteration_is_caught(tmp_path, line, status):
    names: dict[str, object] = {}
    exec(CHAOTIC, names)
    x = names["x"]
    printed = f"{x.shape}\n" if status == 0 else f"{x[0, 0]:.4f}\n"
    output = nbformat.v4.new_output("stream", name="stdout", text=printed)
    cell = nbformat.v4.new_code_cell(CHAOTIC + line, outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "planted.ipynb")
    script = (
        f"{sys_path}import run; sys.exit(run.compare({{'ROUNDING_NOISE': '1'}}, "
        f"[{str(tmp_path / 'planted.ipynb')!r}], '--rootdir', {str(tmp_path)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, text=True, timeout=300
    )
    assert done.returncode == status, done.stdout
