"""Located values are opaque: nothing public about them but where they are."""

import pytest

from wlra_dist.game import Faceted, Located, Party, PerParty

carol = Party("Carol", 1)
secret = "p4ssw0rd"


def test_a_located_value_shows_where_it_is_and_not_what_it_is():
    value = Located(carol, secret, 2)
    assert (value.party, value.depth) == (carol, 2)
    assert [name for name in dir(value) if not name.startswith("_")] == ["depth", "party"]
    assert secret not in repr(value) + str(value) + f"{value}"
    assert "Carol" in repr(value)


@pytest.mark.parametrize(
    "value", [Located(carol, 0, 0), Located(carol, secret, 0), Faceted([Located(carol, 0, 0)]), Faceted([])]
)
def test_it_steers_nothing(value: object):
    with pytest.raises(TypeError, match="send"):
        bool(value)


@pytest.mark.parametrize("compute", [lambda x: x + 1, lambda x: x[0], len, iter, int, lambda x: x < 1])
def test_python_cannot_compute_with_it(compute):
    with pytest.raises(TypeError):
        compute(Located(carol, 1, 0))


def test_it_takes_no_further_attributes():
    with pytest.raises(AttributeError):
        Located(carol, 1, 0).value = 2  # type: ignore[attr-defined]


def test_facets_are_located_one_by_one():
    dave = Party("Dave", 2)
    values = Faceted([Located(carol, 1, 0), Located(dave, 2, 0)])
    assert len(values) == 2
    assert [value.party for value in values] == [carol, dave]


def test_what_is_public_by_party_is_mapped_piece_by_piece():
    sizes = PerParty([1, 2, 3]).map(lambda size: 10 * size)
    assert list(sizes) == [10, 20, 30]
    assert (len(sizes), sizes[1]) == (3, 20)
