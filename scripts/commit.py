"""When the commit was made that is checked out, which is the date of all that is built from it."""

import os
import subprocess
from pathlib import Path


def commit_time() -> int:
    """Return the time of the commit in seconds, or that of SOURCE_DATE_EPOCH if it is set."""
    command = ["git", "-C", Path(__file__).parent, "show", "--no-patch", "--format=%ct"]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    return int(os.environ.get("SOURCE_DATE_EPOCH") or shown.stdout or 0)
