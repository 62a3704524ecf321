"""Equal rows and equal columns are sent once (after Li et al., Assumption 3.2 and Thm 6.1), or nearly equal ones."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from wlra_dist.codecs.base.choice import Choice, OneOf
from wlra_dist.codecs.base.compound import ListOf
from wlra_dist.codecs.base.integers import Count
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix, arrays_of, nonzeros
from wlra_dist.protocols.distinct.labels import kinds_of_weights
from wlra_dist.protocols.distinct.near import NearTable, NearTableCode, near_block, near_table
from wlra_dist.protocols.distinct.table import Table, TableCode
from wlra_dist.protocols.raw import all_columns, counted_entries
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.distinct import equal_columns, equal_rows, first_of, in_order
from wlra_dist.weights.reweighted import ReweightedBlock, ReweightedSolution

_RAW, _TABLE, _NEAR = 0, 1, 2  # the ways to describe a block

_ROWS, _CORE = 1, 2
"""What the coordinator asks a server for: the sum of these."""

_DIGEST_BITS = 128
"""Two tables that differ have one digest with probability 2^-128."""


def distinct(
    game: Game,
    servers: Sequence[Party],
    coordinator: Party,
    A: Faceted[Matrix],
    W: PerParty[Weights],
    terms: Terms,
) -> Located[ReweightedSolution]:
    """(1+ε)·OPT, or loss 0 (up to the rounding of float32), in rp·rp numbers, (n + d)·log2(rp) bits and three rounds.

    Where W has r distinct rows and columns and W∘A has rp of either, A on supp(W) is a table of rp×rp entries and the
    groups of rows and columns. Rows and columns are grouped by A on supp(W), 0 elsewhere: never into more groups than
    by the pairs (W_j, (W∘A)_j). Where they are nearly equal (1+ε)·LB_i may leave what differs within groups, and the
    table is described by columns and coefficients (`near`). A server with many kinds of rows or columns sends its
    entries as `raw` does, for 5 bits more.

    Servers first send digests of their row groups and of their exact tables; a table or a grouping that several servers
    have is then sent by the first of them only. Equal columns are sorted, so that equal tables have equal digests.

    Deterministic but for this: digests of 128 bits of SHA-256 that agree are taken to be of the same thing.
    """
    coins = game.private_coins(servers)
    table = game.each(servers, shortest_table, A, W, coins, m=len(servers), terms=terms)
    digests = game.each(servers, _digests, table, m=len(servers))
    all_digests = game.gather(digests, coordinator, _digest_code(len(servers)), "digests")
    asked = game.scatter(game.at(coordinator, who_sends, all_digests), servers, Count(_ROWS + _CORE), "rows? core?")
    entries = game.each(servers, counted_entries, A, W)  # A_i on supp(W_i)
    answer = game.each(servers, _what_is_asked, table, asked, entries)
    answers = game.gather(answer, coordinator, PerParty([_code(W_i, terms) for W_i in W]), "A")
    return game.at(coordinator, assembled, answers, all_digests, W, terms=terms)


def shortest_table(
    A: Matrix, W: Weights, coins: np.random.Generator, *, m: int, terms: Terms
) -> Table | NearTable | None:
    """The exact table or the near one, whichever takes fewer bits; None where listing the nonzeros takes fewer.

    An exact table among several servers is kept: others may have the same.
    """
    exact = tabulated(A, W, m=m, terms=terms)
    near = near_table(A, W, coins, terms=terms) if exact is None or m == 1 else None
    if near is None:
        return exact
    other = _table_code(W, terms).bits(exact) if exact else terms.plain.columns_code(W).bits(counted_entries(A, W))
    longest = _near_code(W, terms).bits(near) + _digest_code(m).bits([0])
    return near if longest < other else exact


def tabulated(A: Matrix, W: Weights, *, m: int, terms: Terms) -> Table | None:
    """The table of A_i on supp(W_i); None where listing its nonzeros is shorter."""
    entries = counted_entries(A, W)
    rows, columns = equal_rows(entries), equal_columns(entries)
    first_rows, first_columns = first_of(rows), first_of(columns)
    if len(first_rows) * len(first_columns) > max(1, 2 * nonzeros(entries)):
        return None
    core = entries[first_rows][:, first_columns]
    if m > 1 and len(first_columns) < len(columns):
        order = in_order(core)
        core, columns = core[:, order], np.argsort(order)[columns]
    table = Table(rows, columns, core)
    longest = _table_code(W, terms).bits(table) + _digest_code(m).bits([0, 0])
    return table if longest < terms.plain.columns_code(W).bits(entries) else None


def who_sends(digests: Sequence[Sequence[int]]) -> list[int]:
    """For each server what it shall send: the row groups and the core that no server before it has."""
    rows, cores = _senders(digests)
    return [_ROWS * (rows[i] == i) + _CORE * (cores[i] == i) if both else 0 for i, both in enumerate(digests)]


def assembled(
    answers: Sequence[Choice], digests: Sequence[Sequence[int]], W: PerParty[Weights], *, terms: Terms
) -> ReweightedSolution:
    """Each server's block, as if it had sent all of its table."""
    rows, cores = _senders(digests)

    def block(i: int, W_i: Weights) -> ReweightedBlock:
        which, own = answers[i]
        if which == _NEAR:
            return near_block(own._replace(rows=answers[rows[i]].value.rows), W_i, terms)
        return all_columns(_spread(answers[rows[i]].value, answers[cores[i]].value, own) if which else own, W_i)

    return ReweightedSolution([block(i, W_i) for i, W_i in enumerate(W)])


def _senders(digests: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """For each server the first that has its rows' groups, and the first that has its core; itself if it has none."""
    first: dict[tuple[int, int], int] = {}
    senders = [
        [first.setdefault((part, own[part]), i) if part < len(own) else i for i, own in enumerate(digests)]
        for part in (0, 1)
    ]
    return senders[0], senders[1]


def _spread(with_rows: Table | NearTable, with_core: Table, own: Table) -> Matrix:
    """core[rows][:, columns]."""
    assert with_rows.rows is not None
    assert with_core.core is not None
    tall = with_core.core[:, own.columns]
    return tall[with_rows.rows] if isinstance(tall, np.ndarray) else tall.tocsr()[with_rows.rows].tocsc()


def _what_is_asked(table: Table | NearTable | None, asked: int, entries: Matrix) -> Choice:
    if table is None:
        return Choice(_RAW, entries)
    rows = table.rows if asked & _ROWS else None
    if isinstance(table, NearTable):
        return Choice(_NEAR, table._replace(rows=rows))
    return Choice(_TABLE, table._replace(rows=rows, core=table.core if asked & _CORE else None))


def _digests(table: Table | NearTable | None, *, m: int) -> list[int]:
    """Digests of the row groups and of an exact core; none where there is no table."""
    if table is None:
        return []
    if m == 1:
        return [0, 0]
    assert table.rows is not None
    rows = _digest([table.rows])
    return [rows] if isinstance(table, NearTable) else [rows, _digest_of_core(table.core)]


def _digest_of_core(core: Matrix | None) -> int:
    assert core is not None
    return _digest([np.array(core.shape), *arrays_of(core)])


def _digest(arrays: Sequence[np.ndarray]) -> int:
    digest = sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).astype(float).tobytes())
    return int.from_bytes(digest.digest()[: _DIGEST_BITS // 8], "big")


def _digest_code(m: int) -> ListOf[int]:
    """Two digests, one or none; a single server's digests are compared with nothing, and take no bits."""
    return ListOf(Count(2**_DIGEST_BITS - 1 if m > 1 else 0), 2)


def _table_code(W: Weights, terms: Terms) -> TableCode:
    n, d = W.shape
    plain = terms.plain
    return TableCode(n, d, plain.bound, terms.sparse, plain.width, terms.code == "auto", kinds_of_weights(W))


def _near_code(W: Weights, terms: Terms) -> NearTableCode:
    return NearTableCode(*W.shape, terms, kinds_of_weights(W))


def _code(W: Weights, terms: Terms) -> OneOf:
    return OneOf([terms.plain.columns_code(W), _table_code(W, terms), _near_code(W, terms)])
