"""argparse, but that a wrong word ends in one sentence, which names what may have been meant."""

import argparse
from typing import NoReturn

from wlra_dist.errors import InputError
from wlra_dist.inputs.nearest import did_you_mean


class Parser(argparse.ArgumentParser):
    """A parser that raises InputError where argparse would print its usage and exit."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; try `{self.prog} --help`")

    def refuse(self, words: list[str]) -> NoReturn:
        """InputError for the words of the command line that no argument takes."""
        option = next((word for word in words if word.startswith("-")), None)
        if option is None:
            self.error(f"expected no more than its arguments, got {words[0]!r}")
        name = option.partition("=")[0]
        self.error(f"there is no option {name}{did_you_mean(name, self._option_string_actions)}")
