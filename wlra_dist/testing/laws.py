"""How a check says what is wrong: one AssertionError, one sentence, whatever happened."""

from collections.abc import Iterator
from contextlib import contextmanager


class BrokenLawError(AssertionError):
    """A law does not hold; the text is the sentence."""


def require(holds: object, law: str) -> None:
    """BrokenLawError unless it holds."""
    if not holds:
        raise BrokenLawError(law)


@contextmanager
def under_check(name: object, where: str) -> Iterator[None]:
    """Names what is checked, and on what; an exception inside is a broken law, too."""
    what = f"{getattr(name, '__name__', name)!s:.60}, {where}"
    try:
        yield
    except BrokenLawError as error:
        raise AssertionError(f"{what}: {error}") from None
    except Exception as error:
        raise AssertionError(f"{what}, raises {type(error).__name__}: {error}") from error
