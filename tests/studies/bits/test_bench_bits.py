"""The standard set is frozen, its records hold, and a stranger's protocol stands beside them, if it is honest."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.scenario.check import check
from wlra_dist.studies.bits.records import BitRecord, arithmetic, costs, read_records, write_records
from wlra_dist.studies.bits.standard import STANDARD, fewest, played, standard_games, version

CHECKOUT = Path(__file__).parents[3]
BITS = CHECKOUT / "BITS.md"

FROZEN = {1: "f25eaa7c05c83991f7811842b66deb180dcdaed897f98ed74d380e5ed5e1958b"}
"""SHA-256 of each set and its data: a change takes a new number, and a new table of records."""

FEW = ["mask", "scattered", "mask_everyone", "planted_deep"]
"""Instances whose records are played again here: all of them take `wlra-dist bench-bits --check BITS.md`."""

CHEAT = """
from wlra_dist.codecs.base.integers import Count
from wlra_dist.protocols.raw import as_solution

HELD = []


def leave(A):
    HELD.append(A)
    return 1


def sly(game, servers, coordinator, A, W, terms):
    ones = game.gather(game.each(servers, leave, A), coordinator, Count(1), "1")
    return game.at(coordinator, lambda ones, W: as_solution(HELD[-len(ones) :], W), ones, W)


PROTOCOLS = {"sly": sly}
"""


def test_the_set_is_frozen() -> None:
    digest = sha256()
    for file in (STANDARD, *sorted(STANDARD.parent.glob("*.npz"))):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    assert digest.hexdigest() == FROZEN[version()], "a set that changes takes another number"


def test_the_set_has_thirty_instances_that_can_be_played() -> None:
    games = standard_games()
    assert len(games) == 30
    for draft in games.values():
        check(draft.with_protocol("one_round", "test"))


def test_every_instance_has_its_record() -> None:
    assert list(read_records(BITS, version()).lines) == list(standard_games())


@pytest.mark.parametrize("name", FEW)
def test_a_record_holds(name: str) -> None:
    records = read_records(BITS, version())
    record = records.lines[name]
    facts = next(played(standard_games([name])[name], [record.protocol]))
    assert costs(record, facts, alike=records.arithmetic == arithmetic()) is None


def test_records_are_of_certified_games_alone() -> None:
    games = [
        {"instance": "a", "bits": 9, "within": True},
        {"instance": "a", "bits": 5, "within": False},
        {"instance": "a", "why": "unfit"},
        {"instance": "a", "bits": 7, "within": True},
    ]
    assert fewest(games) == {"a": games[3]}


def test_a_game_that_costs_more_bits_is_seen() -> None:
    record = BitRecord("mask", 1000, "one_way", "exact", "–", "wlra_dist")
    facts = {"within": True, "integer": True, "bits": 1000}
    assert costs(record, facts, alike=False) is None
    assert costs(record, facts | {"bits": 1001}, alike=False) == "it takes 1,001 bits now, 1 more"
    assert costs(record, facts | {"bits": 1019, "integer": False}, alike=False) is None
    assert costs(record, facts | {"bits": 1001, "integer": False}, alike=True)
    assert costs(record, facts | {"within": False}, alike=True) == "its accuracy is not certified any more"


def test_what_stands_beside_the_records_stays(tmp_path: Path) -> None:
    file = tmp_path / "BITS.md"
    file.write_text("before\n")
    record = BitRecord("mask", 1234, "one_way", "exact", "1,024", "mine.py")
    write_records(file, version(), [record])
    file.write_text(file.read_text() + "after\n")
    write_records(file, version(), [record._replace(bits=999)])
    assert file.read_text().startswith("before\n")
    assert file.read_text().endswith("after\n")
    assert read_records(file, version()).lines == {"mask": record._replace(bits=999)}


def test_a_protocol_written_from_the_docs_takes_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugin, file, kept = tmp_path / "heaviest.py", tmp_path / "BITS.md", str(tmp_path / "kept")
    page = (CHECKOUT / "docs" / "extending.md").read_text(encoding="utf-8")
    plugin.write_text(
        next(block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "# heaviest.py" in block)
    )
    words = ["bench-bits", "--plugin", str(plugin), "--instances", "planted_deep", "--out", kept]
    assert main([*words, "--protocols", "heaviest", "--write", str(file), "--json"]) == Exit.OK
    (record,) = json.loads(capsys.readouterr().out)["records"]
    assert (record["protocol"], record["holder"]) == ("heaviest", "heaviest.py")
    assert main([*words[:1], *words[3:], "--check", str(file)]) == Exit.NOT_CHECKED  # without the plugin


@pytest.mark.parametrize(("bits", "holder"), [(9, "mine.py"), (999_999, "wlra_dist")])
def test_a_strangers_record_stands_until_it_is_beaten(bits: int, holder: str, tmp_path: Path) -> None:
    file = tmp_path / "BITS.md"
    write_records(file, version(), [BitRecord("scattered", bits, "mine", "exact", "–", "mine.py")])
    assert main(["bench-bits", "--instances", "scattered", "--protocols", "raw", "--write", str(file)]) == Exit.OK
    assert read_records(file, version()).lines["scattered"].holder == holder


def test_a_cheat_takes_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = tmp_path / "sly.py"
    plugin.write_text(CHEAT)
    assert main(["bench-bits", "--plugin", str(plugin), "--instances", "mask"]) == Exit.VERIFICATION
    assert "breaks law" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--instances", "maskk"], "mask"),
        (["--protocols", "one_rond"], "one_round"),
        (["--fresh", "3", "--write", "X"], "--fresh"),
        (["--check", "nothing.md"], "nothing.md"),
    ],
)
def test_what_cannot_be_played_is_said(words: list[str], fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench-bits", *words]) == Exit.INPUT
    assert fault in capsys.readouterr().err


def test_fresh_draws_are_other_instances() -> None:
    seeds = [standard_games(["mask"], fresh=fresh)["mask"].tables["instance"].get("seed", 0) for fresh in (0, 5)]
    assert seeds == [0, 5]
