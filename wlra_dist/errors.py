"""What can go wrong, and the exit code that says so."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `wlra-dist`; a signal s ends the job with 128 + s."""

    OK = 0
    FAILURE = 1
    INPUT = 2
    VERIFICATION = 3
    NOT_CHECKED = 4
    ENVIRONMENT = 78
    STALL = 124


class WlraDistError(Exception):
    """An end that was foreseen: its text is the one sentence that the user reads."""

    exit_code: Exit = Exit.FAILURE


class InputError(WlraDistError):
    """The user's input cannot be played: says what was expected, what came and what to try."""

    exit_code = Exit.INPUT


class VerificationError(WlraDistError):
    """A bound, a certificate or a conservation law does not hold."""

    exit_code = Exit.VERIFICATION


class UnfitEnvironmentError(WlraDistError):
    """The machine is not set up for what was asked (MPI, launcher, shared memory)."""

    exit_code = Exit.ENVIRONMENT
