"""`wlra-dist bench-bits`: what each protocol says on the standard set, and the records that stand in a file.

A stranger's protocol is held to the laws of the game first, and then takes its lines in the same table.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

from wlra_dist.commands.arguments import add_json, add_plugins, names
from wlra_dist.errors import Exit, InputError, VerificationError
from wlra_dist.report.screen import fitted
from wlra_dist.report.tables.bits import headline, line
from wlra_dist.scenario.catalogue import Catalogue
from wlra_dist.scenario.words import one_of
from wlra_dist.studies.bits.records import OURS, BitRecord, arithmetic, costs, read_records, standing, write_records
from wlra_dist.studies.bits.standard import Facts, fewest, played, standard_games, version

EXAMPLE = "wlra-dist bench-bits --plugin mine.py --protocols mine,one_round --instances planted,sparse"


def declare(parser: argparse.ArgumentParser) -> None:
    add_plugins(parser)
    parser.add_argument("--instances", type=names, default=[], metavar="A,B,…", help="these alone")
    parser.add_argument("--protocols", type=names, default=[], metavar="A,B,…", help="these alone")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep finished games here, and go on from there")
    parser.add_argument("--fresh", type=int, default=0, metavar="N", help="draw other instances of the same kinds")
    parser.add_argument("--check", type=Path, metavar="FILE", help="play the records that stand in this file again")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the records into this file, such as BITS.md")
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Plays what the command line names, in this process; the exit code."""
    from wlra_dist.scenario.plugins import with_plugins
    from wlra_dist.world.launcher import launched

    if launched(os.environ).size > 1:
        raise InputError("bench-bits plays in one process, as bits are the same on any number of ranks: leave mpiexec")
    if options.fresh and (options.check or options.write):
        raise InputError("--fresh draws other instances, and records are of the standard ones: leave out one of them")
    arithmetic()  # before any game is played
    catalogue = with_plugins(options.plugin)
    for name in options.protocols:
        if name not in catalogue.protocols:
            raise InputError(f"--protocols: a name {one_of(catalogue.protocols, name)}")
    _hold_to_laws(catalogue, options)
    return _check(catalogue, options) if options.check else _play(catalogue, options)


def _hold_to_laws(catalogue: Catalogue, options: argparse.Namespace) -> None:
    """VerificationError for a plugin's protocol that breaks a law of the game."""
    from wlra_dist.testing import check_protocol

    for plugin in catalogue.plugins:
        for name, protocol in plugin.tables.get("PROTOCOLS", {}).items():
            try:
                check_protocol(protocol, mpi=False)
            except AssertionError as error:
                raise VerificationError(f"{plugin.name}: {error}") from error
            _tell(options, f"{name} of {plugin.name} keeps the laws of the game on small inputs (check_protocol)")


def _play(catalogue: Catalogue, options: argparse.Namespace) -> int:
    games: list[Facts] = []
    _tell(options, headline())
    for facts in _all_games(catalogue, options):
        games.append(facts)
        _tell(options, line(facts))
    records = [BitRecord.of(facts, _holder(catalogue, facts["protocol"])) for facts in fewest(games).values()]
    _tell(options, *(f"fewest bits on {each.instance}: {each.bits:,}, {each.protocol}" for each in records))
    if options.write:
        write_records(options.write, version(), _merged(options.write, records))
    if options.json:
        print(json.dumps({"version": version(), "games": games, "records": [each._asdict() for each in records]}))
    return Exit.OK


def _all_games(catalogue: Catalogue, options: argparse.Namespace) -> Iterator[Facts]:
    for draft in standard_games(options.instances, catalogue, options.fresh).values():
        yield from played(draft, options.protocols, options.out)


def _holder(catalogue: Catalogue, protocol: str) -> str:
    plugin = catalogue.origin("PROTOCOLS", protocol)
    return plugin.name if plugin else OURS


def _merged(file: Path, records: list[BitRecord]) -> list[BitRecord]:
    """Where others hold a record in the file with fewer bits, they keep it; and instances not played stay."""
    new = {record.instance: record for record in records}
    old = standing(file, version())
    kept = {name: record for name, record in old.items() if name not in new or _is_better(record, new[name])}
    found = new | kept
    return [found[name] for name in standard_games() if name in found]


def _is_better(old: BitRecord, new: BitRecord) -> bool:
    return old.holder != OURS and old.bits < new.bits


def _check(catalogue: Catalogue, options: argparse.Namespace) -> int:
    """Plays each record's protocol again; exit code 3 where it takes more bits, 4 where its plugin is not here."""
    records = read_records(options.check, version())
    alike, code = records.arithmetic == arithmetic(), Exit.OK
    chosen = {name: records.lines[name] for name in options.instances or records.lines if name in records.lines}
    for name, draft in standard_games(list(chosen), catalogue).items():
        record = chosen[name]
        if record.protocol not in catalogue.protocols:
            _tell(options, f"{name:16}NOT CHECKED: {record.protocol} is {record.holder}'s: --plugin {record.holder}")
            code = code or Exit.NOT_CHECKED
            continue
        facts = next(played(draft, [record.protocol], options.out))
        fault = costs(record, facts, alike=alike)
        fine = "as recorded" if facts.get("bits") == record.bits else f"{facts.get('bits', 0):,} now"
        _tell(options, f"{name:16}{record.bits:>12,} bits, {record.protocol}: {fault or fine}")
        code = Exit.VERIFICATION if fault else code
    return code


def _tell(options: argparse.Namespace, *lines: str) -> None:
    if not options.json:
        print(*map(fitted, lines), sep="\n", end="\n" if lines else "", flush=True)
