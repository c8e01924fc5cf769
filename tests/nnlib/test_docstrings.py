"""What every public name says about itself."""

import inspect
import re

import pytest

import nnlib

NAMES = [name for name in nnlib.__all__ if name != "EMPTY"]  # an array, documented where it is made


def sections(doc):
    """Return the sections of a NumPy-style docstring, title to text."""
    parts = re.split(r"^(\w+)\n-+\n", inspect.cleandoc(doc), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(text):
    """Return the names that a section describes: the words before a colon at the left margin."""
    return set(re.findall(r"\w+", " ".join(re.findall(r"^(\w.*?) :", text, re.MULTILINE))))


def check_function(function):
    doc = sections(function.__doc__)
    signature = inspect.signature(function)
    assert documented(doc["Parameters"]) >= set(signature.parameters) - {"self"}
    assert "Returns" in doc or "Yields" in doc or signature.return_annotation is None
    if re.search(r"raise |check_\w+\(|unpack\(", inspect.getsource(function)):
        assert "Raises" in doc


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_says_what_it_is_and_the_chapter_it_comes_from(name):
    thing = getattr(nnlib, name)
    assert re.search(r"chapter \d+", sections(thing.__doc__)["Notes"])
    if inspect.isfunction(thing):
        check_function(thing)
    elif inspect.isclass(thing):
        doc = sections(thing.__doc__)
        fields = documented(doc.get("Attributes", doc.get("Parameters")))
        assert fields >= set(inspect.signature(thing).parameters)


@pytest.mark.parametrize("name", [name for name in vars(nnlib.Network) if name[0] != "_"])
def test_a_method_of_network_says_what_it_takes_and_returns(name):
    method = vars(nnlib.Network)[name]
    if inspect.isfunction(method):
        check_function(method)
    else:
        assert method.__doc__


def test_all_names_what_there_is():
    assert len(set(nnlib.__all__)) == len(nnlib.__all__)
    assert all(hasattr(nnlib, name) for name in nnlib.__all__)
