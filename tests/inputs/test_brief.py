"""The first line of a table claims what is proven, and rounds a bound upwards."""

import pytest

from wlra_dist.inputs.brief import FirstLine, at_most, share

LAYER = FirstLine((784, 128), 2692, 401_408, loss=2.1, energy=100.0, ratio=1.0818)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LAYER, "A 784×128 → 2,692 B (0.671 % of 401,408), relative loss 0.021, at most 1.09 × the best"),
        (LAYER._replace(ratio=None), "A 784×128 → 2,692 B (0.671 % of 401,408), relative loss 0.021"),
        (LAYER._replace(loss=0.0, ratio=1.0), "A 784×128 → 2,692 B (0.671 % of 401,408), no loss"),
        (LAYER._replace(energy=0.0, ratio=None), "A 784×128 → 2,692 B (0.671 % of 401,408), loss 2.1"),
        (LAYER._replace(energy=None, original=None, ratio=None), "A 784×128 → 2,692 B, loss 2.1"),
    ],
)
def test_the_first_line_says_what_is_known_and_no_more(line: FirstLine, words: str):
    assert line.words == words


@pytest.mark.parametrize(
    ("ratio", "words"), [(1.0, "1"), (1.1, "1.1"), (1.0901, "1.1"), (0.98801, "0.989"), (4321.1, "4,330")]
)
def test_a_bound_is_rounded_upwards(ratio: float, words: str):
    assert at_most(ratio) == words


@pytest.mark.parametrize(("part", "words"), [(0, "0 %"), (0.00671, "0.671 %"), (1, "100 %"), (12.345, "1,234 %")])
def test_shares_have_three_digits(part: float, words: str):
    assert share(part, 1.0) == words
