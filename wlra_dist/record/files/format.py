"""The format of what a run leaves: one number for all its files, and it stands in each that is read back."""

from typing import Any

from wlra_dist.errors import InputError

FORMAT = 4
"""Raised whenever an older program would misread a file, or this one an older file; docs/records.md says what then."""


def require_format(place: str, found: Any) -> None:
    """InputError names the format that was found, if it is another than this program's."""
    if found == FORMAT and type(found) is int:
        return
    match found:
        case None:
            finding = "none is stated"
        case int() if not isinstance(found, bool):
            finding = f"found format {str(found)[:20]}, {'an older' if found < FORMAT else 'a newer'} one"
        case _:
            finding = f"found {str(found)[:40]!r}"
    raise InputError(
        f"{place}: expected format {FORMAT}, but {finding}; use the wlra-dist that wrote it (record.json names its "
        "version), or play the scenario again"
    )
