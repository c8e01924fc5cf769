"""What the sections on pitfalls need to show a mistake being refused."""

from collections.abc import Callable


def refusal(function: Callable[..., object], *arguments: object) -> str:
    """Return the message of the ValueError that the call must raise."""
    try:
        function(*arguments)
    except ValueError as error:
        return str(error)
    raise AssertionError(f"{function} accepted what it should refuse")
