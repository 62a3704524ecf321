"""What the model of bits costs: descriptions that it chooses to find, beside the shortest of all that could be found.

    python -m benchmarks.codes.candidates [SCENARIO …]

A line for each server of a scenario of real numbers: the bits of what it says, and the fewest when every number of
columns and both kinds of factors are found and weighed, the model having no say.
"""

import argparse
from typing import Any
from unittest.mock import patch

import numpy as np

from wlra_dist.codecs.base.choice import Choice
from wlra_dist.forms import Rounded, Sent, outlook
from wlra_dist.playing.simply import play
from wlra_dist.protocols import Terms, steps

ALL = 1 << 20


def compared(scenario: str) -> list[tuple[int, int]]:
    """(bits sent, fewest bits) of each server."""
    rows: list[tuple[int, int]] = []
    fit = steps.fit

    def both(A: Any, W: Any, B: Any, S: np.ndarray, goal: float, coins: Any, *, terms: Terms) -> Choice:
        chosen = fit(A, W, B, S, goal, coins, terms=terms)
        code, block = terms.block_code(W), Sent(A, W, B)
        with patch.multiple(outlook, MOST_TRIED=ALL, _UNSURE=np.inf, _UNSURE_SMALL=np.inf):
            found = [
                code.bits(chosen._replace(which=which, value=description))
                for which, form in enumerate(terms.forms)
                if isinstance(form, Rounded)
                for description in form.descriptions(block, S, goal)
            ]
        rows.append((code.bits(chosen), min(found, default=code.bits(chosen))))
        return chosen

    with patch("wlra_dist.protocols.one_round.one_round.fit", both):
        play(scenario)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("scenarios", nargs="*", default=["quickstart"])
    for scenario in parser.parse_args().scenarios:
        rows = compared(scenario)
        for i, (sent, fewest) in enumerate(rows, 1):
            print(f"{scenario:16} server {i:3}  {sent:9,} sent  {fewest:9,} at best  {sent / fewest - 1:+.2%}")
        sent, fewest = map(sum, zip(*rows, strict=True))
        print(f"{scenario:16} all         {sent:9,} sent  {fewest:9,} at best  {sent / fewest - 1:+.2%}")


if __name__ == "__main__":
    main()
