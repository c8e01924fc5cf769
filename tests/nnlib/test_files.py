"""What saving does to the file that was there, and what loading takes."""

import os
import stat
import time
from pathlib import Path

import numpy as np
import pytest

from nnlib import Activation, Network, identity, sigmoid

NETWORK = Network((2, 3, 1), (sigmoid, identity))
OLD, NEW = np.zeros(NETWORK.p), np.linspace(-1, 1, NETWORK.p)
POSIX = pytest.mark.skipif(os.name != "posix", reason="links, modes and pipes as POSIX has them")


@pytest.fixture
def path(tmp_path):
    """The path of a file of the network."""
    path = tmp_path / "theta.npz"
    NETWORK.save(path, OLD)
    return path


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@POSIX
@pytest.mark.parametrize("bits", [0o600, 0o640, 0o666, 0o755])
def test_a_replaced_file_keeps_its_mode(path, bits):
    path.chmod(bits)
    NETWORK.save(path, NEW)
    assert mode(path) == bits
    assert np.array_equal(NETWORK.load(path), NEW)


@POSIX
def test_a_private_file_is_private_while_it_is_written(path, monkeypatch):
    def savez(file, **arrays):
        modes.append(mode(Path(file.name)))
        savez_of_numpy(file, **arrays)

    modes, savez_of_numpy = [], np.savez
    path.chmod(0o600)
    monkeypatch.setattr(np, "savez", savez)
    NETWORK.save(path, NEW)
    assert modes == [0o600]


@POSIX
def test_a_new_file_has_the_mode_that_the_user_wants_for_new_files(tmp_path):
    old = os.umask(0o027)
    try:
        NETWORK.save(tmp_path / "new.npz", NEW)
    finally:
        os.umask(old)
    assert mode(tmp_path / "new.npz") == 0o640


@POSIX
@pytest.mark.parametrize("is_relative", [True, False])
def test_a_symbolic_link_stays_and_its_target_is_replaced(path, tmp_path, is_relative):
    links = tmp_path / "links"
    links.mkdir()
    (links / "latest").symlink_to(Path("..") / path.name if is_relative else path)
    (links / "again").symlink_to("latest")
    NETWORK.save(links / "again", NEW)
    assert (links / "again").is_symlink()
    assert (links / "latest").is_symlink()
    assert not path.is_symlink()
    assert np.array_equal(NETWORK.load(path), NEW)
    assert sorted(p.name for p in links.iterdir()) == ["again", "latest"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["links", path.name]


@POSIX
def test_a_link_to_nothing_gets_its_target(tmp_path):
    (tmp_path / "latest").symlink_to("theta.npz")
    NETWORK.save(tmp_path / "latest", NEW)
    assert (tmp_path / "latest").is_symlink()
    assert np.array_equal(NETWORK.load(tmp_path / "theta.npz"), NEW)


@POSIX
@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "loop"])
def test_only_a_regular_file_is_replaced(tmp_path, kind):
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/null" if kind == "device" else "loop")
    with pytest.raises(ValueError, match=f"{kind} is not a regular file"):
        NETWORK.save(path, NEW)
    assert [p.name for p in tmp_path.iterdir()] == [kind]
    assert not path.is_file()


def test_a_file_that_is_read_only_is_not_replaced(path, monkeypatch):
    path.chmod(0o400)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # as it is but for root
    with pytest.raises(PermissionError, match=r"theta\.npz"):
        NETWORK.save(path, NEW)
    assert np.array_equal(NETWORK.load(path), OLD)
    assert list(path.parent.iterdir()) == [path]
    path.chmod(0o600)


@pytest.mark.parametrize("letter", ["x", "\N{GREEK SMALL LETTER THETA}"])
def test_a_name_may_be_as_long_as_the_system_allows(tmp_path, letter):
    name = letter * (255 // len(letter.encode()))
    NETWORK.save(tmp_path / name, OLD)
    NETWORK.save(tmp_path / name, NEW)
    assert np.array_equal(NETWORK.load(tmp_path / name), NEW)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_path_may_be_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    NETWORK.save("theta.npz", NEW)
    assert np.array_equal(NETWORK.load(tmp_path / "theta.npz"), NEW)


class Busy:
    """`Path.replace` on Windows, where a file that others read is not replaced at first."""

    def __init__(self, refusals):
        self.refusals = refusals
        self.replace = Path.replace

    def __call__(self, path, target):
        self.refusals -= 1
        if self.refusals >= 0:
            raise PermissionError(13, "Access is denied", str(path), 5, str(target))
        return self.replace(path, target)


def test_the_new_file_is_on_the_disk_before_it_takes_the_place_of_the_old_one(path, monkeypatch):
    def fsync(number):
        sizes.append(os.fstat(number).st_size)

    def replace(temporary, target):
        assert sizes == [temporary.stat().st_size]
        replace_of_pathlib(temporary, target)

    sizes, replace_of_pathlib = [], Path.replace
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    NETWORK.save(path, NEW)
    assert np.array_equal(NETWORK.load(path), NEW)


def test_a_file_that_others_read_is_replaced_when_they_are_done(path, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    busy = Busy(refusals=20)
    monkeypatch.setattr(Path, "replace", lambda path, target: busy(path, target))
    NETWORK.save(path, NEW)
    assert np.array_equal(NETWORK.load(path), NEW)


def test_a_file_that_others_never_close_is_left_after_a_second(path, monkeypatch):
    waited = []
    monkeypatch.setattr(time, "sleep", waited.append)
    busy = Busy(refusals=10**9)
    monkeypatch.setattr(Path, "replace", lambda path, target: busy(path, target))
    with pytest.raises(PermissionError, match="Access is denied"):
        NETWORK.save(path, NEW)
    assert 0.5 < sum(waited) < 2
    assert np.array_equal(NETWORK.load(path), OLD)
    assert list(path.parent.iterdir()) == [path]


def test_only_a_file_that_others_read_is_waited_for(path, monkeypatch):
    def replace(temporary, target):
        raise OSError(28, "No space left on device")

    waited = []
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="No space left"):
        NETWORK.save(path, NEW)
    assert waited == []


def test_a_network_of_many_parameters_is_loaded(tmp_path, dtype):
    network = Network((1000, 300, 1), (sigmoid, identity))  # its theta is larger than a megabyte
    theta = np.linspace(-1, 1, network.p, dtype=dtype)
    network.save(tmp_path / "theta.npz", theta)
    assert np.array_equal(network.load(tmp_path / "theta.npz"), theta)


def test_a_network_of_many_layers_with_long_names_is_loaded(tmp_path):
    g = Activation("g" * 100, sigmoid.g, sigmoid.dg)
    network = Network((1,) * 1001, (g,) * 1000)
    theta = np.linspace(-1, 1, network.p)
    network.save(tmp_path / "theta.npz", theta)
    assert np.array_equal(network.load(tmp_path / "theta.npz"), theta)


def test_no_more_is_read_than_p_numbers_and_a_megabyte(tmp_path):
    limit = 8 * NETWORK.p + 2**20
    (tmp_path / "largest").write_bytes(bytes(limit))
    with pytest.raises(ValueError, match=r"largest is not a file that Network\.save wrote"):
        NETWORK.load(tmp_path / "largest")
    (tmp_path / "larger").write_bytes(bytes(limit + 1))
    with pytest.raises(ValueError, match=f"larger is larger than {limit} bytes"):
        NETWORK.load(tmp_path / "larger")
