"""What somebody may have meant who typed a name that is not known."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """The end of a sentence that refuses a name: ` (did you mean 'run'?)`, or nothing where no name is close."""
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
