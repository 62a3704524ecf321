"""Equal rows and equal columns are sent once (after Li et al., Assumption 3.2 and Thm 6.1)."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from wlra_dist.codecs.base.choice import Choice, OneOf
from wlra_dist.codecs.base.compound import ListOf
from wlra_dist.codecs.base.integers import Count
from wlra_dist.game import Faceted, Game, Located, Party, PerParty
from wlra_dist.linalg.matrix import Matrix, nonzeros
from wlra_dist.protocols.distinct.table import Table, TableCode
from wlra_dist.protocols.raw import as_solution, counted_entries
from wlra_dist.protocols.terms import Terms
from wlra_dist.weights import Weights
from wlra_dist.weights.distinct import equal_columns, equal_rows, first_of, in_order
from wlra_dist.weights.reweighted import ReweightedSolution

_RAW, _TABLE = 0, 1

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
    """Loss 0 (up to the rounding of float32) in rp·rp numbers, n·log2(rp) + d·log2(rp) bits and three rounds.

    Where W has r distinct rows and columns and W∘A has rp of either, A on supp(W) is a table of rp×rp entries and the
    groups of rows and columns. Rows and columns are grouped by A on supp(W), 0 elsewhere: never into more groups than
    by the pairs (W_j, (W∘A)_j). Servers first send digests of their row groups and of their tables; a table or a
    grouping that several servers have is then sent by the first of them only. Equal columns are sorted, so that equal
    tables have equal digests. A server with many distinct rows or columns sends its entries as `raw` does, for 5 bits
    more.

    Deterministic but for this: digests of 128 bits of SHA-256 that agree are taken to be of the same thing.
    """
    table = game.each(servers, tabulated, A, W, m=len(servers), terms=terms)
    digests = game.each(servers, _digests, table, m=len(servers))
    all_digests = game.gather(digests, coordinator, _digest_code(len(servers)), "digests")
    asked = game.scatter(game.at(coordinator, who_sends, all_digests), servers, Count(_ROWS + _CORE), "rows? core?")
    entries = game.each(servers, counted_entries, A, W)  # A_i on supp(W_i)
    answer = game.each(servers, _what_is_asked, table, asked, entries)
    answers = game.gather(answer, coordinator, PerParty([_code(W_i, terms) for W_i in W]), "A")
    return game.at(coordinator, assembled, answers, all_digests, W)


def tabulated(A: Matrix, W: Weights, *, m: int, terms: Terms) -> Table | None:
    """The table of A_i on supp(W_i); None where listing its nonzeros is shorter."""
    entries = counted_entries(A, W)
    rows, columns = equal_rows(entries), equal_columns(entries)
    first_rows, first_columns = first_of(rows), first_of(columns)
    if len(first_rows) * len(first_columns) > max(1, 2 * nonzeros(entries)):
        return None
    core = entries[first_rows][:, first_columns]
    if len(first_columns) < len(columns):
        order = in_order(core)
        core, columns = core[:, order], np.argsort(order)[columns]
    table = Table(rows, columns, core)
    longest = _table_code(W, terms).bits(table) + _digest_code(m).bits([0, 0])
    return table if longest < terms.plain.columns_code(W).bits(entries) else None


def who_sends(digests: Sequence[Sequence[int]]) -> list[int]:
    """For each server what it shall send: the row groups and the core that no server before it has."""
    rows, cores = _senders(digests)
    return [_ROWS * (rows[i] == i) + _CORE * (cores[i] == i) if both else 0 for i, both in enumerate(digests)]


def assembled(answers: Sequence[Choice], digests: Sequence[Sequence[int]], W: PerParty[Weights]) -> ReweightedSolution:
    """All columns, as if each server had sent its own."""
    rows, cores = _senders(digests)
    blocks = [
        _spread(answers[rows[i]].value, answers[cores[i]].value, own) if which == _TABLE else own
        for i, (which, own) in enumerate(answers)
    ]
    return as_solution(blocks, W)


def _senders(digests: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """For each server the first that has its rows' groups, and the first that has its core; itself if it has none."""
    first: dict[tuple[int, int], int] = {}
    senders = [
        [first.setdefault((part, both[part]), i) if both else i for i, both in enumerate(digests)] for part in (0, 1)
    ]
    return senders[0], senders[1]


def _spread(with_rows: Table, with_core: Table, own: Table) -> Matrix:
    """core[rows][:, columns]."""
    assert with_rows.rows is not None
    assert with_core.core is not None
    tall = with_core.core[:, own.columns]
    return tall[with_rows.rows] if isinstance(tall, np.ndarray) else tall.tocsr()[with_rows.rows].tocsc()


def _what_is_asked(table: Table | None, asked: int, entries: Matrix) -> Choice:
    if table is None:
        return Choice(_RAW, entries)
    rows, core = table.rows if asked & _ROWS else None, table.core if asked & _CORE else None
    return Choice(_TABLE, Table(rows, table.columns, core))


def _digests(table: Table | None, *, m: int) -> list[int]:
    """Digests of the row groups and of the core; none where there is no table."""
    if table is None:
        return []
    if m == 1:
        return [0, 0]
    core = table.core
    assert table.rows is not None
    assert core is not None
    arrays = [core] if isinstance(core, np.ndarray) else [core.indptr, core.indices, core.data]
    return [_digest([table.rows]), _digest([np.array(core.shape), *arrays])]


def _digest(arrays: Sequence[np.ndarray]) -> int:
    digest = sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).astype(float).tobytes())
    return int.from_bytes(digest.digest()[: _DIGEST_BITS // 8], "big")


def _digest_code(m: int) -> ListOf[int]:
    """Two digests or none; a single server's digests are compared with nothing, and take no bits."""
    return ListOf(Count(2**_DIGEST_BITS - 1 if m > 1 else 0), 2)


def _table_code(W: Weights, terms: Terms) -> TableCode:
    n, d = W.shape
    return TableCode(n, d, terms.plain.bound, terms.sparse, terms.plain.width, terms.code == "auto")


def _code(W: Weights, terms: Terms) -> OneOf:
    return OneOf([terms.plain.columns_code(W), _table_code(W, terms)])
