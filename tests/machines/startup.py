"""What kernels and pytest start with under rounding noise: see `rounding` and `run`."""

import os

import rounding

if "ROUNDING_NOISE" in os.environ:
    rounding.install(int(os.environ["ROUNDING_NOISE"]))
