"""A run's directory from strangers: bombs, links, sizes that are lies; each refused by name, at next to no cost."""

import json
import os
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.record.recorded_runs import figures, forge, refusal, reseal
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError, VerificationError
from wlra_dist.record.audit import audit
from wlra_dist.record.expand import expand
from wlra_dist.record.files.format import FORMAT
from wlra_dist.record.replay import replay
from wlra_dist.record.write import FILES, RECORD, SOLUTION, WEIGHTS

MOST_BYTES = 2**26
TERABYTE = 2**40

Fresh = Callable[[str], Path]


@pytest.fixture
def fresh(recorded: Callable[[str], Path], tmp_path: Path) -> Fresh:
    """fresh(name): a copy of a small run, for a test to change."""
    return lambda name: Path(shutil.copytree(recorded(name) / "run", tmp_path / name))


def refused(run: Path, commands: tuple[str, ...] = ("replay", "expand", "audit")) -> set[str]:
    """What the commands say of it, in little memory."""
    work = {
        "replay": partial(replay, run),
        "expand": partial(expand, run, run.with_name("A.npy")),
        "audit": lambda: list(audit(run)),
    }
    tracemalloc.start()
    try:
        sentence = {str(refusal(work[command])) for command in commands}
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
    assert "None" not in sentence
    return sentence


def compressed(path: Path) -> None:
    np.savez_compressed(path.with_suffix(""), W=np.zeros(2**22))
    path.with_suffix(".npz").rename(path)


def overlapping(path: Path) -> None:
    """A thousand members that share the same megabyte."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("W.npy", bytes(2**20))
        archive.filelist *= 1000  # pyright: ignore[reportAttributeAccessIssue]


def header_of_terabytes(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive, archive.open("W.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)})


def name_that_climbs(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive, archive.open("../../W.npy", "w") as member:
        np.lib.format.write_array(member, np.zeros(3))


@pytest.mark.parametrize("file", [WEIGHTS, SOLUTION])
@pytest.mark.parametrize("bomb", [compressed, overlapping, header_of_terabytes, name_that_climbs])
def test_a_bomb_is_refused_by_name_also_with_all_sums_right(fresh: Fresh, file: str, bomb: Callable[[Path], None]):
    run = fresh("servers")
    bomb(run / file)
    assert all(file in sentence for sentence in refused(run))
    reseal(run)
    assert all(file in sentence for sentence in refused(run, ("replay", "audit")))


@pytest.mark.parametrize("file", sorted({*FILES} - {RECORD}))
def test_a_terabyte_is_not_read(fresh: Fresh, file: str):
    run = fresh("servers")
    os.truncate(run / file, TERABYTE)
    assert all(file in sentence and "bytes" in sentence for sentence in refused(run))


def test_a_record_of_a_terabyte_is_not_read(fresh: Fresh):
    run = fresh("servers")
    os.truncate(run / RECORD, TERABYTE)
    assert all("no record" in sentence for sentence in refused(run))


@pytest.mark.parametrize("file", FILES)
def test_a_link_out_of_the_run_is_refused(fresh: Fresh, tmp_path: Path, file: str):
    run = fresh("servers")
    (run / file).rename(tmp_path / "elsewhere")
    (run / file).symlink_to(tmp_path / "elsewhere")
    assert all(f"{file} is a link out of" in sentence for sentence in refused(run))


def test_a_pipe_is_not_waited_for(fresh: Fresh):
    run = fresh("servers")
    (run / SOLUTION).unlink()
    os.mkfifo(run / SOLUTION)
    assert all(f"{SOLUTION} is no file" in sentence for sentence in refused(run))


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "1e400", "-1e400", "1" + "0" * 400, "1" + "0" * 5000])
@pytest.mark.parametrize("key", ["loss", "k"])
def test_what_is_no_number_is_refused(fresh: Fresh, key: str, literal: str):
    run = fresh("servers")
    text = json.dumps(figures(run) | {key: "HERE"}).replace('"HERE"', literal)
    (run / RECORD).write_text(text)
    assert all("no record of a run" in sentence for sentence in refused(run))


SIZES: list[tuple[tuple[str, ...], int]] = [
    (("input", "n"), 10**6), (("input", "d"), 10**6), (("input", "k"), 10**5), (("input", "r"), 10**5),
    (("input", "sparsity"), 10**7), (("input", "bound"), 2**60), (("public", "game", "servers"), 10**7),
    (("public", "instance", "n"), 10**7), (("public", "instance", "d"), 10**7), (("public", "instance", "s"), 10**7),
]  # fmt: skip


@pytest.mark.parametrize(("field", "size"), SIZES, ids=[".".join(field) for field, _ in SIZES])
def test_sizes_that_are_lies_cost_nothing(fresh: Fresh, field: tuple[str, ...], size: int):
    """All sums made right, and the figures that repeat the size."""
    run = fresh("servers")

    def lie(record: dict[str, Any]) -> None:
        table = record
        for key in field[:-1]:
            table = table[key]
        table[field[-1]] = size
        if field[-1] in record:
            record[field[-1]] = size

    forge(run, lie)
    assert refused(run, ("audit",) if field[:2] == ("public", "instance") else ("replay", "expand", "audit"))


def test_a_protocol_of_others_is_named_with_the_known_ones(fresh: Fresh):
    run = fresh("servers")
    forge(run, lambda record: record["public"]["protocol"].update(name="one_rond"))
    error = refusal(lambda: replay(run))
    assert isinstance(error, InputError)
    assert "'one_rond'" in str(error)
    assert "one_round" in str(error)


def test_without_the_solution_the_record_s_word_stands_alone(fresh: Fresh, capsys: pytest.CaptureFixture[str]):
    run = fresh("quickstart")
    (run / SOLUTION).unlink()
    assert main(["replay", str(run)]) == Exit.NOT_CHECKED
    assert f"{SOLUTION}, which is not here" in capsys.readouterr().out
    forge(run, lambda record: record["solution"].update(X="0" * 64))
    assert isinstance(refusal(lambda: replay(run)), VerificationError)


@pytest.mark.parametrize(("found", "words"), [(FORMAT - 1, "an older"), (99, "a newer"), (True, "True"), ("2", "'2'")])
def test_another_format_is_named(fresh: Fresh, found: object, words: str):
    run = fresh("servers")
    forge(run, lambda record: record.update(format=found))
    assert all(f"expected format {FORMAT}, but found" in sentence and words in sentence for sentence in refused(run))


def test_an_archive_of_another_format_is_named(fresh: Fresh):
    run = fresh("servers")
    with zipfile.ZipFile(run / SOLUTION, "a") as archive:
        archive.comment = f"wlra-dist {FORMAT + 1}".encode()
    reseal(run)
    assert refused(run, ("replay", "audit")) == {str(refusal(lambda: replay(run)))}
    assert "a newer one" in str(refusal(lambda: replay(run)))
