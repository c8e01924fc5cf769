"""Files of arrays: replaced whole or not at all, and read without trusting them."""

import errno
import io
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from nnlib._checks import require


def save_arrays(path: Path, arrays: dict[str, Any]) -> None:
    """Write named arrays to a file in NumPy's npz format.

    The arrays go to a new file beside the target, which then takes the target's place. A symbolic
    link goes on pointing to the target, and the target keeps its mode.
    """
    target = Path(os.path.realpath(path))
    exists = os.path.lexists(target)
    require(not exists or target.is_file(), "{} is not a regular file; expected one", path)
    if exists and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    temporary = target.with_name(f"{target.name[:40]}.{uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            if exists:
                shutil.copymode(target, temporary)
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        _replace(target, temporary)
    finally:
        temporary.unlink(missing_ok=True)


def _replace(target: Path, temporary: Path) -> None:
    """Let one file take the place of another, which on Windows must not be open meanwhile."""
    for _ in range(20):
        try:
            temporary.replace(target)
            return
        except PermissionError:
            time.sleep(0.05)
    temporary.replace(target)


def load_arrays(path: Path, names: Sequence[str], limit: int) -> dict[str, NDArray[Any]]:
    """Read a file that `save_arrays` wrote, of at most so many bytes.

    Raise ValueError if the file is larger or holds anything but arrays of these names. Nothing in
    it is executed.
    """
    with path.open("rb") as file:
        content = file.read(limit + 1)
    require(len(content) <= limit, "{} is larger than {} bytes", path, limit)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            found = arrays.files
            require(sorted(found) == sorted(names), "it holds {}; expected {}", found, names)
            is_compressed = any(member.compress_type for member in arrays.zip.infolist())
            require(not is_compressed, "it is compressed")
            return {name: np.asarray(arrays[name]) for name in names}
    except Exception as error:  # whatever damaged or hostile bytes cause in zipfile and NumPy
        raise ValueError(f"{path} is not a file that Network.save wrote: {error}") from error
