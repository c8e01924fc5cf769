"""Execute the notebooks and draw the pictures as other processors would, and compare the outputs.

    python tests/machines/run.py [NOTEBOOK ...]

The settings are OpenBLAS's kernels for three kinds of x86-64 processors (Zen uses Haswell's),
NumPy's without its newer instructions, and two made-up processors that round in their own ways (see
`rounding`). Left out are those that this processor lacks, and its own kernels, which `make test`
uses. Under each, pytest compares what the notebooks print and draw as SVG, and the pictures of the
pages, with what is committed. The long chapter is left out under the second made-up processor,
unless notebooks are named.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from numpy._core._multiarray_umath import __cpu_features__ as features  # as np.show_runtime shows
from threadpoolctl import threadpool_info

ROOT = Path(__file__).parents[2]
PICTURES = "tests/book/test_notebooks.py::test_pictures_are_what_our_code_draws"

OLD_NUMPY = "X86_V3 X86_V4 AVX512_ICL"
SETTINGS = {
    "SkylakeX": {"OPENBLAS_CORETYPE": "SkylakeX"},
    "Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "Nehalem, old NumPy": {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": OLD_NUMPY},
    **{f"rounding noise {seed}": {"ROUNDING_NOISE": str(seed)} for seed in (1, 2)},
}
LONG, WITHOUT_LONG = "11-digit-recognition.ipynb", "rounding noise 2"
NEEDS = {"SkylakeX": "X86_V4", "Haswell": "X86_V3", "Nehalem": "X86_V2"}


def reason_to_skip(setting: dict[str, str]) -> str | None:
    """Return why the setting cannot be tried here, or need not be, if so."""
    kernels = setting.get("OPENBLAS_CORETYPE", "")
    if kernels in NEEDS and not features.get(NEEDS[kernels]):
        return f"this processor lacks {NEEDS[kernels]}"
    if kernels == threadpool_info()[0]["architecture"]:
        return "make test uses these kernels here"
    return None


def environment(setting: dict[str, str]) -> dict[str, str]:
    """Return the environment for a process that computes in this setting."""
    chosen = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NPY_DISABLE_CPU_FEATURES", "ROUNDING_NOISE")
    here = str(Path(__file__).parent)
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **{name: value for name, value in os.environ.items() if name not in chosen},
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONSTARTUP": f"{here}/startup.py",  # which kernels execute first
        **setting,
    }


def compare(setting: dict[str, str], tests: list[str], *options: str) -> int:
    """Run the tests, notebooks among them, in this setting, and return pytest's exit status."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "startup", "-p", "no:cacheprovider"]
    command += ["--nbval", "--nbval-current-env", *options, *tests]
    return subprocess.run(command, cwd=ROOT, env=environment(setting), check=False).returncode


def main() -> int:
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"), reverse=True)  # the longest first
    failed = []
    for name, setting in SETTINGS.items():
        if reason := reason_to_skip(setting):
            print(f"{name}: skipped, since {reason}", flush=True)
            continue
        chosen = [path for path in notebooks if name != WITHOUT_LONG or path.name != LONG]
        tests = sys.argv[1:] or [*map(str, chosen), PICTURES]
        print(f"{name}:", flush=True)
        start = time.monotonic()
        if compare(setting, tests, "-n", "2", "--dist", "loadscope"):
            failed.append(name)
        print(f"{name}: {time.monotonic() - start:.0f} s", flush=True)
    print(f"Outputs differ under: {'; '.join(failed)}" if failed else "The same under all settings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
