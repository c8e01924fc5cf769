"""Files that are damaged, mislabelled or made to harm: refused in words, in little memory.

`make fuzz` runs this file with many more examples.
"""

import gzip
import hashlib
import io
import itertools
import sys
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nnlib import Network, identity, load_mnist, sigmoid
from nnlib.digits import _File, _read_idx

NETWORK = Network((2, 3, 1), (sigmoid, identity))
THETA = np.linspace(-1, 1, NETWORK.p)


def saved(**changes):
    """Return the bytes of a file of `NETWORK`, with other arrays if any are given."""
    file = io.BytesIO()
    np.savez(file, **{"theta": THETA, **NETWORK._description(), **changes})
    return file.getvalue()


SAVED = saved()


def damages(content):
    """Return a strategy for what may become of a file: cut, changed, or glued together."""
    size = len(content)
    places = st.integers(0, size)
    parts = st.builds(lambda i, j: content[min(i, j) : max(i, j)], places, places)
    changes = st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, 255)), max_size=8)
    return st.one_of(
        st.binary(max_size=2 * size),
        st.builds(lambda i: content[:i], places),
        st.builds(lambda i, more: content[:i] + more + content[i:], places, st.binary()),
        st.builds(lambda i, more: content[:i] + more + content[i + len(more) :], places, parts),
        st.lists(parts, max_size=4).map(b"".join),
        changes.map(lambda changes: _changed(content, changes)),
    )


def _changed(content, changes):
    changed = bytearray(content)
    for k, byte in changes:
        changed[k] = byte
    return bytes(changed)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A path for files that are written again and again."""
    return tmp_path_factory.mktemp("hostile") / "file"


def load_if_it_is_ours(path, content):
    """Load a file: what comes back has to be parameters, or a ValueError that says why not."""
    path.write_bytes(content)
    try:
        with warnings.catch_warnings(action="ignore"):  # as for what looks like Python 2
            theta = NETWORK.load(path)
    except ValueError as error:
        return str(error)
    assert type(theta) is np.ndarray
    assert theta.shape == (NETWORK.p,)
    assert theta.dtype in (np.float32, np.float64)
    assert np.isfinite(theta).all()
    return theta


@given(content=damages(SAVED))
def test_a_damaged_network_file_is_refused_or_is_whole(content, path):
    theta = load_if_it_is_ours(path, content)
    if not isinstance(theta, str):
        assert np.array_equal(theta, THETA)


# A network file of any content: members of any names, npy headers of any claims, any compression.


def npy(header, data=b"", version=(1, 0)):
    """Return an array's bytes with a header of any text."""
    text = header.encode("utf-8", "surrogatepass")
    size = len(text).to_bytes(2 if version == (1, 0) else 4, "little")
    return b"\x93NUMPY" + bytes(version) + size + text + data


def archive(members, compression=zipfile.ZIP_STORED):
    """Return the bytes of a zip file of (name, content) pairs."""
    file = io.BytesIO()
    quiet = warnings.catch_warnings(action="ignore")  # of names that come twice
    with quiet, zipfile.ZipFile(file, "w", compression) as zipped:
        for name, content in members:
            zipped.writestr(name, content)
    return file.getvalue()


def members_of(content):
    """Return the (name, content) pairs of a zip file."""
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        return [(name, zipped.read(name)) for name in zipped.namelist()]


def with_theta(content):
    """Return a file of `NETWORK` whose theta has these bytes."""
    return archive([("theta.npy", content), *members_of(SAVED)[1:]])


DESCR = st.sampled_from(
    [
        "<f8",
        ">f8",
        "<f4",
        "<f2",
        "|O",
        "<U9",
        "|V8",
        "<c16",
        "|S0",
        "<M8[s]",
        "<U99999999",
        "",
        "f8L",
    ]
)
SHAPES = st.one_of(
    st.just((NETWORK.p,)),
    st.lists(st.integers(-2, 10**20), max_size=3).map(tuple),
    st.sampled_from([(10**12,), (2**31,), (2**63,), (2**64,), (13.0,), "(13,)", (True,) * 13, 13]),
)
HEADERS = st.one_of(
    st.builds(
        lambda descr, fortran, shape: repr(
            {"descr": descr, "fortran_order": fortran, "shape": shape}
        ),
        DESCR,
        st.sampled_from([False, True, 2, None]),
        SHAPES,
    ),
    st.text(max_size=100),
    st.sampled_from(
        [
            "__import__('os').abort()",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (13,), 'more': exit()}",
            "(" * 5000,
            "-" * 9000 + "1",
            "{" * 3000 + "}" * 3000,
            "[" * 100 + "]" * 100,
            " " * 60_000,
            "{'descr': '<f8', 'fortran_order': False, 'shape': (13L,)}",
            "{'descr': [('a', '<f8'), ('b', '|O')], 'fortran_order': False, 'shape': (13,)}",
            "0" * 9000,
            "1e999999999",
            "'\ud800'",
        ]
    ),
)
NAMES = st.sampled_from(["theta.npy", "n.npy", "g.npy", "error.npy", "theta", "../n.npy", "/"])
ARRAYS = st.builds(
    npy,
    HEADERS,
    st.one_of(st.just(THETA.tobytes()), st.binary(max_size=120)),
    st.sampled_from([(1, 0), (2, 0), (3, 0), (0, 0), (255, 255)]),
)


@given(array=ARRAYS)
def test_any_header_is_refused_or_is_right(array, path):
    theta = load_if_it_is_ours(path, with_theta(array))
    if not isinstance(theta, str):
        assert theta.tobytes() in array


@given(
    members=st.one_of(
        st.permutations(members_of(SAVED)),
        st.lists(
            st.one_of(st.sampled_from(members_of(SAVED)), st.tuples(NAMES, ARRAYS)), max_size=6
        ),
    ),
    compression=st.sampled_from(
        [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    ),
)
@example(members=members_of(SAVED)[::-1], compression=zipfile.ZIP_STORED)
@example(members=members_of(SAVED), compression=zipfile.ZIP_DEFLATED)
def test_any_archive_is_refused_or_holds_the_four_arrays(members, compression, path):
    theta = load_if_it_is_ours(path, archive(members, compression))
    ours = sorted(name for name, _ in members) == sorted(name for name, _ in members_of(SAVED))
    if isinstance(theta, np.ndarray):
        assert ours
        assert compression == zipfile.ZIP_STORED
    if compression == zipfile.ZIP_STORED and sorted(members) == sorted(members_of(SAVED)):
        assert np.array_equal(theta, THETA)


@pytest.mark.parametrize("k", range(4))
def test_no_member_may_be_compressed_or_come_twice(k, path):
    members = members_of(SAVED)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for i, (name, content) in enumerate(members):
            zipped.writestr(name, content, zipfile.ZIP_DEFLATED if i == k else zipfile.ZIP_STORED)
    assert load_if_it_is_ours(path, file.getvalue()).endswith("wrote: it is compressed")
    came = load_if_it_is_ours(path, archive([*members, members[k]]))
    assert "wrote: it holds ['theta', 'n', 'g', 'error', " in came


@pytest.mark.parametrize("dtype", [">f8", ">f4", "<f2", "<i8", "<c16", "U5", "M8[s]", bool])
def test_parameters_of_another_dtype_are_refused(dtype, path):
    came = load_if_it_is_ours(path, saved(theta=np.ones(NETWORK.p).astype(dtype)))
    assert came.startswith(f"theta has dtype {np.dtype(dtype)}; expected float32 or float64")


def test_the_shape_of_theta_counts_too(path):
    came = load_if_it_is_ours(path, saved(theta=THETA.reshape(1, 13)))
    assert came == "theta has shape (1, 13); expected (13,)"


class Bomb:
    """An object that leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_nothing_in_a_file_is_executed(tmp_path, path):
    mark = tmp_path / "executed"
    objects = np.array([Bomb(mark)])
    file = io.BytesIO()
    np.save(file, objects, allow_pickle=True)
    for content in (saved(theta=objects), saved(n=objects), with_theta(file.getvalue())):
        assert "is not a file that Network.save wrote" in load_if_it_is_ours(path, content)
    for text in (f"open({str(mark)!r}, 'w')", f"__import__('os').mkdir({str(mark)!r})"):
        content = with_theta(npy("{'descr': " + text + ", 'fortran_order': False, 'shape': ()}"))
        assert "is not a file that Network.save wrote" in load_if_it_is_ours(path, content)
    assert not mark.exists()


def test_an_encrypted_member_is_refused(path):
    content = bytearray(SAVED)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1  # the flag of encryption, of theta
    assert "password required" in load_if_it_is_ours(path, bytes(content))


# Bombs: files that are small, or claim to hold little, and do not.

MEGABYTE = 2**20
ZEROS = bytes(32 * MEGABYTE)


def bombs():
    """Yield names of bombs, and the bombs."""
    theta = npy(repr({"descr": "<f8", "fortran_order": False, "shape": (2**22,)}), ZEROS)
    for compression in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        members = [("theta.npy", theta), *members_of(SAVED)[1:]]
        yield f"compressed by {compression}", archive(members, compression)
    for shape in [(10**12,), (2 * 10**9,), (10**5, 10**5), (2**62,)]:
        for descr in ("<f8", "|V1", "<U1000000"):
            header = repr({"descr": descr, "fortran_order": False, "shape": shape})
            yield f"claims {shape} of {descr}", with_theta(npy(header, THETA.tobytes()))
    yield "many members", archive([(f"{k}", b"") for k in range(4000)])
    yield "one name many times", archive([("theta.npy", ZEROS[:100])] * 4000)
    yield "large", SAVED + ZEROS
    yield "one member under many names", _overlapping(4000)


def _overlapping(count):
    """Return a zip file whose directory names one large member many times."""
    file = io.BytesIO(archive([("theta.npy", ZEROS[: MEGABYTE // 2])]))
    with zipfile.ZipFile(file, "a") as zipped:
        zipped.filelist *= count
        zipped._didModify = True
    return file.getvalue()


READ_ALL = """
import resource, sys
from pathlib import Path
from nnlib import Network, identity, sigmoid

def peak():
    if sys.platform == "linux":  # where ru_maxrss is never below that of the process's parent
        status = Path("/proc/self/status").read_text().split()
        return int(status[status.index("VmHWM:") + 1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if MAC else 2**10)

MAC, network = sys.platform == "darwin", Network((2, 3, 1), (sigmoid, identity))
before = peak()
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        network.load(path)
    except ValueError as error:
        assert str(path) in str(error), error
    else:
        print("taken:", path)
    if peak() > before + 16:
        print(f"{peak() - before:.0f} MB more for {path}")
        before = peak()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX says what the peak of memory was")
def test_bombs_are_refused_in_little_memory(start, tmp_path):
    for k, (name, content) in enumerate(bombs()):
        (tmp_path / f"{k:02} {name}").write_bytes(content)
    reader = start(READ_ALL, tmp_path)
    assert reader.communicate() == ("", "")
    assert reader.returncode == 0


# The reader of IDX files, of which MNIST consists.

SHAPE = (5, 2, 3)
IDX = bytes([0, 0, 8, 3]) + np.array(SHAPE, ">i4").tobytes() + bytes(range(30))
GZIP = gzip.compress(IDX)
FILE = _File("file", SHAPE, hashlib.sha256(IDX).hexdigest(), sha256_gz="")


def read_if_it_is_whole(path, content):
    """Read a file: what comes back has to be the images, or a ValueError that says why not."""
    path.write_bytes(content)
    try:
        images = _read_idx(path, FILE)
    except ValueError as error:
        return str(error)
    assert images.tobytes() == bytes(range(30))
    assert images.shape == SHAPE
    return "whole"


@given(content=damages(IDX))
def test_an_idx_file_is_taken_if_and_only_if_it_is_whole(content, path):
    for name, written in ((path, content), (path.with_suffix(".gz"), gzip.compress(content))):
        came = read_if_it_is_whole(name, written)
        assert came == "whole" if content == IDX else came.startswith(f"{name} ")


@given(content=damages(GZIP))
def test_a_damaged_gzip_file_is_refused_or_is_whole(content, path):
    path = path.with_suffix(".gz")
    came = read_if_it_is_whole(path, content)
    assert came == "whole" or came.startswith(f"{path} ")


@given(cuts=st.lists(st.integers(0, len(IDX)), max_size=4))
def test_a_gzip_file_of_several_members_is_their_contents_in_a_row(cuts, path):
    ends = [0, *sorted(cuts), len(IDX)]
    members = [gzip.compress(IDX[i:j]) for i, j in itertools.pairwise(ends)]
    path = path.with_suffix(".gz")
    assert read_if_it_is_whole(path, b"".join(members)) == "whole"
    assert "of another size" in read_if_it_is_whole(path, b"".join([*members, GZIP]))


@pytest.mark.parametrize("header", [IDX[:16], b"", IDX[:4] + b"\x7f\xff\xff\xff" * 3])
def test_a_gzip_bomb_is_not_unpacked(header, path):
    bomb = gzip.compress(header) + gzip.compress(ZEROS) * 100  # 3 GB in 3 MB
    path = path.with_suffix(".gz")
    path.write_bytes(bomb)
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"file\.gz"):
        _read_idx(path, FILE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEGABYTE


MISLABELED = {
    "labels as images": ("train-labels-idx1-ubyte", "train-images-idx3-ubyte"),
    "images as labels": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "tests as trainings": ("t10k-images-idx3-ubyte", "train-images-idx3-ubyte"),
    "training labels as test labels": ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"),
}


@pytest.mark.parametrize("slip", MISLABELED)
def test_a_mislabeled_file_is_named(slip, tiny, tmp_path):
    came, expected = MISLABELED[slip]
    for name, content in {**tiny, expected: tiny[came]}.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
    with pytest.raises(
        ValueError, match=rf"{expected}\.gz (starts with|is an IDX file of another)"
    ):
        load_mnist(tmp_path)
