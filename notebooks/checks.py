"""Checks of the functions that the chapters ask the reader to write, one for each "Your turn".

A check compares the reader's function with an independent computation: exact fractions, sums in
plain Python, finite differences. To have words for what is wrong, it also has a model of the
function, as one would write it, with a keyword argument for each place where mistakes are made, and
for each place the wrong formulas that people write, each with its hint. To add a check, write these
three in the module of its chapter, one of `tasks_02` to `tasks_11`, and a row of `TASKS` here; the
module `checking` does the rest. What several chapters need is in `tasks_shared`.

If you would rather find out alone, do not read the modules of the chapters.
"""

from collections.abc import Callable
from typing import Any

import checking
from checking import MisfitError
from progress import somebody_watches
from tasks_02 import (
    EVALUATE,
    LAYER,
    STAIRCASE,
    TARGET,
    TENTS,
    XOR,
    target_curve,
)
from tasks_03 import FORWARD, SUMS
from tasks_04 import CHOICE, CROSS_ENTROPY, SQUARED_ERROR, WALK
from tasks_05 import DESCEND, DIFFERENCES, LINE_SEARCH, MOMENTUM, SHORTCUT, STEP
from tasks_06 import BY_RULES, GRADIENT_CHECK, LAYER_RULE, PAPER, WEIGHT_RULE
from tasks_07 import BACKWARD, GRADIENT, SUSPECT, TRAPS
from tasks_08 import ACTIVATION, FIRST_WEIGHTS, SHARE, SIGMOID
from tasks_09 import DIAGNOSIS, EPOCH, OWN, SIZES, STOPPING, TRAINING
from tasks_10 import LINE, NORMAL, STANDARDIZE, STEPS
from tasks_11 import CONFUSION, NEAREST_MEAN, READER, STEP_BOUND, WAIT

__all__ = ["TASKS", "check", "target_curve"]


def check(function: Callable[..., Any], name: str | None = None) -> None:
    """Try a function that a chapter asks for, and print what is right or wrong with it.

    Parameters
    ----------
    function : callable
        The function itself, not what it returns.
    name : str, optional
        The name that the chapter gives it, if its own is another:
        ``check(layer, "my_layer")``.

    Raises
    ------
    ValueError
        If `function` is no function, or no check has this name.
    """
    if not callable(function):
        came = type(function).__name__
        raise ValueError(
            f"check got a {came}; expected a function: check(f), not check(f(...))?"
        )
    own = getattr(function, "__name__", "")
    if (name or own) not in TASKS:
        names = ", ".join(TASKS)
        raise ValueError(
            f'no check for "{name or own}"; expected one of {names}: check(f, NAME)'
        )
    task = TASKS[name or own]
    unwritten = checking.is_unwritten(function, NOTHING)
    if task is READER and somebody_watches() and not unwritten:
        print(WAIT, flush=True)
    checking.report(function, own if own.isidentifier() else str(name), task)


NOTHING = MisfitError("It returns None: is the return missing?")
"""What comes of a function that is not written yet."""


TASKS = {
    "my_layer": LAYER,
    "my_evaluate": EVALUATE,
    "my_target": TARGET,
    "my_xor": XOR,
    "my_staircase": STAIRCASE,
    "my_tents": TENTS,
    "my_sums": SUMS,
    "my_forward": FORWARD,
    "my_squared_error": SQUARED_ERROR,
    "my_walk": WALK,
    "my_cross_entropy": CROSS_ENTROPY,
    "my_choice": CHOICE,
    "my_backward": BACKWARD,
    "suspect_1": SUSPECT,
    "suspect_2": SUSPECT,
    "suspect_3": SUSPECT,
    "my_traps": TRAPS,
    "my_gradient": GRADIENT,
    "my_step": STEP,
    "my_descend": DESCEND,
    "my_differences": DIFFERENCES,
    "my_shortcut": SHORTCUT,
    "my_momentum": MOMENTUM,
    "my_line_search": LINE_SEARCH,
    "my_weight_rule": WEIGHT_RULE,
    "my_layer_rule": LAYER_RULE,
    "my_gradient_by_indices": BY_RULES,
    "my_pass_on_paper": PAPER,
    "my_gradient_check": GRADIENT_CHECK,
    "my_training": TRAINING,
    "my_epoch": EPOCH,
    "my_stop_early": STOPPING,
    "my_sizes": SIZES,
    "my_network": OWN,
    "my_sigmoid": SIGMOID,
    "my_activation": ACTIVATION,
    "my_share": SHARE,
    "my_diagnosis": DIAGNOSIS,
    "my_first_weights": FIRST_WEIGHTS,
    "my_line": LINE,
    "my_normal_equations": NORMAL,
    "my_steps": STEPS,
    "my_standardize": STANDARDIZE,
    "my_nearest_mean": NEAREST_MEAN,
    "my_bound": STEP_BOUND,
    "my_confusion": CONFUSION,
    "my_reader": READER,
}
