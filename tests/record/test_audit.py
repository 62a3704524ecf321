"""Whatever is changed in a run's directory, with its checksums or without, an audit names it, and never crashes."""

import json
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.record.recorded_runs import SCENARIOS, SMALL, figures, flip, forge, forge_arrays, record, refusal, reseal
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, InputError, VerificationError
from wlra_dist.game.frame import HEADER_BYTES
from wlra_dist.inputs.canonical import canonical
from wlra_dist.linalg.digests import digests
from wlra_dist.record.audit import audit
from wlra_dist.record.files.arrays import read_arrays, write_arrays
from wlra_dist.record.write import BOUNDS, CHECKSUM, CIRCUMSTANCES, FILES, PICTURE, RECORD, SEAL, bounds_digests

CHECKS = ["record", "files", "frames", "transcript", "ledger", "figures", "solution", "input", "certificate", "game"]

LENIENT = {*CIRCUMSTANCES, "public"}
"""What nobody can compute again, and how the servers chose: only checksum and seal speak for it."""

RESEALED = {"files", "sizes", SEAL, CHECKSUM}
"""What the forger makes right again."""

FRAME_PLACES = {"magic": 0, "version": 4, "kind": 5, "reserved": 6, "step": 15, "bits": 23, "sum": 27, "header sum": 31}
"""A byte of each field of a frame's header."""

many = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])

Fresh = Callable[[str], Path]


@pytest.fixture
def fresh(recorded: Callable[[str], Path], tmp_path: Path) -> Fresh:
    """fresh(name): a copy of a small run, for a test to change; asked again, one that is new."""

    def copy(name: str) -> Path:
        shutil.rmtree(tmp_path / name, ignore_errors=True)
        return Path(shutil.copytree(recorded(name) / "run", tmp_path / name))

    return copy


def passed(run: Path) -> list[str]:
    """The checks that were passed."""
    return [line.split("  ")[0] for line in audit(run)]


def found(run: Path) -> str:
    """What an audit names: exit code 3."""
    error = refusal(partial(passed, run))
    assert isinstance(error, VerificationError), error
    return str(error)


def rows(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "ledger.jsonl").read_text().splitlines()]


def write_rows(run: Path, changed: list[dict[str, Any]]) -> None:
    (run / "ledger.jsonl").write_text("".join(json.dumps(row) + "\n" for row in changed))


def other(value: Any) -> Any:
    """A value near this one."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return float(np.nextafter(value, np.inf))
        case str():
            return value + "x"
        case None:
            return 1
        case list():
            return [*value, 1] if not value else [other(value[0]), *value[1:]]
        case dict():
            return value | ({key: other(value[key]) for key in list(value)[:1]} or {"x": 1})
    raise TypeError(value)


@pytest.mark.parametrize("name", SMALL)
def test_a_run_as_it_was_left_passes_all(recorded: Callable[[str], Path], name: str):
    assert passed(recorded(name) / "run") == CHECKS


@pytest.mark.parametrize("resealed", [False, True])
@pytest.mark.parametrize("place", FRAME_PLACES)
def test_a_bit_of_a_header_is_found(fresh: Fresh, place: str, resealed: bool):
    run = fresh("servers")
    flip(run / "transcript.bin", rows(run)[0]["wire_bytes"] + FRAME_PLACES[place])
    if resealed:
        reseal(run)
    assert "transcript.bin" in found(run)


@pytest.mark.parametrize("name", ["servers", "two_party", "raw"])
def test_a_bit_anywhere_in_a_payload_is_found(fresh: Fresh, name: str):
    size = rows(fresh(name))[0]["wire_bytes"]
    for place in (HEADER_BYTES, HEADER_BYTES + 1, size // 2, size - 1):
        run = fresh(name)
        flip(run / "transcript.bin", place, 1 << place % 8)
        reseal(run)
        assert "transcript.bin" in found(run)


@pytest.mark.parametrize("name", SMALL)
def test_a_changed_entry_of_each_array_is_found(fresh: Fresh, name: str):
    def change(array: np.ndarray) -> None:
        raw = array.reshape(-1).view(np.uint8)  # the lowest bit of the last entry
        raw[-array.itemsize] ^= 1

    for array in digests(read_arrays(fresh(name) / "solution.npz")):
        run = fresh(name)
        if not read_arrays(run / "solution.npz")[array].size:
            continue
        forge_arrays(run, "solution.npz", lambda arrays, array=array: change(arrays[array]))
        assert array in found(run)


def test_a_bit_of_the_solutions_file_is_found_or_means_nothing(fresh: Fresh):
    size = (fresh("servers") / "solution.npz").stat().st_size
    for place in range(0, size, size // 12):
        run = fresh("servers")
        before = digests(read_arrays(run / "solution.npz"))
        flip(run / "solution.npz", place, 1 << place % 8)
        assert "solution.npz" in found(run)
        reseal(run)
        if refusal(partial(passed, run)) is None:
            assert digests(read_arrays(run / "solution.npz")) == before


@pytest.mark.parametrize("resealed", [False, True])
@pytest.mark.parametrize("key", ["step", "round", "sender", "receiver", "label", "copy", "parts", "numbers", "checksum",
                                 "bits", "wire_bytes"])  # fmt: skip
def test_a_changed_row_of_the_ledger_is_found(fresh: Fresh, key: str, resealed: bool):
    run = fresh("servers")
    ledger = rows(run)
    ledger[2][key] = other(ledger[2][key])
    write_rows(run, ledger)
    if resealed:
        reseal(run)
    assert f"ledger.jsonl, row 2: {key}" in found(run) if resealed else "ledger.jsonl" in found(run)


@pytest.mark.parametrize("change", {
    "removed": lambda ledger: ledger[1:],
    "the last removed": lambda ledger: ledger[:-1],
    "duplicated": lambda ledger: [ledger[0], *ledger],
    "swapped": lambda ledger: [ledger[1], ledger[0], *ledger[2:]],
    "none left": lambda ledger: [],  # noqa: ARG005
    "bits moved between parts": lambda ledger: [
        ledger[0] | {"parts": dict(zip(ledger[0]["parts"], reversed(ledger[0]["parts"].values()), strict=True))},
        *ledger[1:],
    ],
    "a key more": lambda ledger: [ledger[0] | {"more": 1}, *ledger[1:]],
    "a key less": lambda ledger: [{key: ledger[0][key] for key in ledger[0] if key != "round"}, *ledger[1:]],
}.values())  # fmt: skip
def test_other_rows_in_the_ledger_are_found(fresh: Fresh, change: Callable[[list[Any]], list[Any]]):
    run = fresh("servers")
    write_rows(run, change(rows(run)))
    reseal(run)
    assert "ledger.jsonl" in found(run)


def test_two_messages_that_change_places_are_found(fresh: Fresh):
    run = fresh("servers")
    ledger, transcript = rows(run), run / "transcript.bin"
    first, second = ledger[0]["wire_bytes"], ledger[1]["wire_bytes"]
    data = transcript.read_bytes()
    transcript.write_bytes(data[first : first + second] + data[:first] + data[first + second :])
    write_rows(run, [ledger[1], ledger[0], *ledger[2:]])
    reseal(run)
    assert "transcript.bin" in found(run)


@pytest.mark.parametrize("name", ["quickstart", "lower_bound"])
def test_every_changed_figure_is_named(fresh: Fresh, name: str):
    run = fresh(name)
    whole = figures(run)
    checked = [key for key in whole if key not in {*LENIENT, *RESEALED, "format"}]
    assert {"bits", "bits_by_part", "paper_bits", "rounds", "messages", "wire_bytes", "digest", "loss"} <= {*checked}
    unnamed = {}
    for figure in checked:
        (run / RECORD).write_text(json.dumps(whole | {figure: other(whole[figure])}))
        assert RECORD in found(run)  # by its own checksum
        reseal(run)
        named = str(refusal(partial(passed, run)))
        if figure not in named:
            unnamed[figure] = named
    # these hold what others are computed from: a change shows in what comes of it
    assert unnamed.keys() <= {"input", "weights", "certificate", "checks", "energy"}
    assert "None" not in unnamed.values()


@pytest.mark.parametrize("figure", sorted(LENIENT | {"files", "sizes"}))
def test_what_only_the_checksum_speaks_for_is_found_by_it(fresh: Fresh, figure: str):
    run = fresh("servers")
    record = figures(run)
    (run / RECORD).write_text(json.dumps(record | {figure: other(record[figure])}))
    assert "checksum" in found(run)


def test_a_certificate_that_is_consistent_but_not_true_is_found_with_a(fresh: Fresh):
    run = fresh("quickstart")

    def better(record: dict[str, Any]) -> None:
        for place in (record, record["certificate"]):
            place["loss"] /= 2
        record["ratio"] = record["loss"] / record["lower_bound_opt"]
        record["relative_loss"] = record["loss"] / record["energy"]

    forge(run, better)
    assert "certificate: loss" in found(run)


def test_an_instance_of_another_seed_is_found(fresh: Fresh):
    run = fresh("servers")

    def reseed(record: dict[str, Any]) -> None:
        record["public"]["instance"]["seed"] = record["seeds"]["instance"] = 7

    forge(run, reseed)
    assert "certificate: loss" in found(run)


@pytest.mark.parametrize(("name", "array"), [("two_party", "U"), ("quickstart", "W")])
def test_weights_that_were_changed_are_found(fresh: Fresh, name: str, array: str):
    run = fresh(name)
    forge_arrays(run, "weights.npz", lambda arrays: np.multiply(arrays[array], 1 + 2.0**-50, out=arrays[array]))
    assert "weights.npz" in found(run)


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_missing_is_named(fresh: Fresh, file: str, capsys: pytest.CaptureFixture[str]):
    run = fresh("servers")
    (run / file).unlink()
    assert main(["audit", str(run)]) == (Exit.INPUT if file == RECORD else Exit.VERIFICATION)
    assert file in capsys.readouterr().err


def test_without_a_the_loss_is_not_computed_again_and_that_is_said(fresh: Fresh, users_place: Path):
    run = fresh("files")
    (users_place / "A.safetensors").unlink()
    lines = list(audit(run))
    assert lines[-1].startswith("NOT CHECKED  loss and bounds")
    assert "A.safetensors: there is no such file" in lines[-1]
    with pytest.raises(InputError):
        list(audit(run, users_place))
    forge(run, lambda record: record.update(ratio=1.0))
    assert "ratio" in found(run)


def test_a_file_of_a_that_was_changed_is_found(users_place: Path):
    flip(users_place / "A.safetensors", -3)
    assert "certificate: loss" in found(users_place / "run")


def test_a_matrix_that_is_stated_larger_is_found_with_a(fresh: Fresh):
    run = fresh("quickstart")

    def heavier(record: dict[str, Any]) -> None:
        record["energy"] *= 2
        record["relative_loss"] = record["loss"] / record["energy"]

    forge(run, heavier)
    assert "energy" in found(run)


def test_another_machine_may_round_otherwise_and_no_more(fresh: Fresh):
    run = fresh("quickstart")

    def elsewhere(record: dict[str, Any], factor: float) -> None:
        record["fingerprint"]["features"] = ""
        for place in (record, record["certificate"]):
            place["loss"] *= factor
        record["ratio"] = record["loss"] / record["lower_bound_opt"]
        record["relative_loss"] = record["loss"] / record["energy"]

    forge(run, partial(elsewhere, factor=1 + 2.0**-40))
    assert "this machine may round otherwise" in list(audit(run))[-2]
    for factor in (1 + 2.0**-25, 1 + 3e-4):
        forge(run, partial(elsewhere, factor=factor))
        assert "certificate: loss" in found(run)


def bounded(run: Path, change: Callable[[dict[str, np.ndarray]], object], **fields: Any) -> None:
    """The run with other arrays in bounds.npz, their digests and all sums right, and other fields in its record."""
    arrays = read_arrays(run / BOUNDS)
    change(arrays)
    write_arrays(arrays, run / BOUNDS)
    forge(run, lambda record: record.update(fields, bounds=bounds_digests(arrays)))


@pytest.mark.parametrize("kept", [True, False])
def test_bounds_are_computed_again_from_what_they_rest_on(tmp_path: Path, kept: bool):
    """On a machine that rounds otherwise; where multipliers are not kept, the climb to them is made again."""
    run = record(SCENARIOS / "quickstart.toml", SMALL["quickstart"], tmp_path / "run", keep_multipliers=kept)
    assert passed(run) == CHECKS
    elsewhere = figures(run)["fingerprint"] | {"features": ""}
    bounded(run, dict, fingerprint=elsewhere)
    assert passed(run) == CHECKS
    if kept:
        bounded(run, lambda arrays: np.multiply(arrays["R"], 1.01, out=arrays["R"]))
        assert "bounds.npz: bound " in found(run)
    else:
        bounded(run, lambda arrays: np.copyto(arrays["evaluations"], 2))
        assert any("NOT CHECKED  bound" in line and "--keep-certificate" in line for line in audit(run))
        assert main(["audit", str(run)]) == Exit.NOT_CHECKED
    bounded(run, lambda arrays: np.multiply(arrays["root_p"], 2, out=arrays["root_p"]))
    assert "aims_proven is true, computed again it is false" in found(run)


@pytest.mark.parametrize("array", ["bound", "root_q", "evaluations", "terms", "row_kinds", "R"])
def test_a_change_in_what_bounds_rest_on_is_named(fresh: Fresh, array: str):
    run = fresh("quickstart")
    if array == "R":
        bounded(run, lambda arrays: arrays.update(R=np.ones(3)))
    else:
        bounded(run, lambda arrays: arrays.update({array: np.roll(arrays[array], 1) + 1}))
    assert "bound" in found(run)


def test_lines_come_out_before_the_sentence(fresh: Fresh, capsys: pytest.CaptureFixture[str]):
    run = fresh("servers")
    forge(run, lambda record: record.update(bits=1))
    assert main(["audit", str(run)]) == Exit.VERIFICATION
    checked = capsys.readouterr()
    assert [line.split()[0] for line in checked.out.splitlines() if not line.startswith(" ")] == CHECKS[
        : CHECKS.index("figures")
    ]
    assert checked.err.startswith("wlra-dist: record.json: bits is 1, computed again it is ")


@many
@given(st.data())
def test_a_changed_byte_anywhere_is_found_or_means_nothing(fresh: Fresh, data: st.DataObject):
    run = fresh(data.draw(st.sampled_from(["servers", "lower_bound"])))
    file = data.draw(st.sampled_from(FILES))
    stated = canonical(figures(run))
    place = data.draw(st.integers(0, (run / file).stat().st_size - 1))
    flip(run / file, place, data.draw(st.integers(1, 255)))
    if refusal(partial(passed, run)) is None:
        assert file == RECORD
        assert canonical(figures(run)) == stated


@many
@given(st.data())
def test_a_changed_byte_is_found_or_means_nothing_with_all_checksums_right(fresh: Fresh, data: st.DataObject):
    run = fresh("servers")
    file = data.draw(st.sampled_from([name for name in FILES if name not in {RECORD, PICTURE}]))
    before = meaning(run, file)
    place = data.draw(st.integers(0, (run / file).stat().st_size - 1))
    flip(run / file, place, data.draw(st.integers(1, 255)))
    reseal(run)
    if refusal(partial(passed, run)) is None:
        assert meaning(run, file) == before


def meaning(run: Path, file: str) -> Any:
    """What a file says, however it says it."""
    match Path(file).suffix:
        case ".npz":
            return digests(read_arrays(run / file))
        case ".jsonl":
            return rows(run)
    return (run / file).read_bytes()


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.text(max_size=4),
    st.just([]), st.just({}), st.just([1, "a"]), st.just({"a": None}),
)  # fmt: skip


@many
@given(st.data())
def test_a_record_of_any_shape_never_crashes_an_audit(fresh: Fresh, data: st.DataObject):
    run = fresh("servers")
    record = figures(run)
    parent, path = record, [data.draw(st.sampled_from([key for key in record if key not in RESEALED]))]
    while isinstance(parent[path[-1]], Mapping) and parent[path[-1]] and data.draw(st.booleans()):
        parent = parent[path[-1]]
        path.append(data.draw(st.sampled_from(sorted(parent))))
    before = parent[path[-1]]
    parent[path[-1]] = data.draw(VALUES)
    forge(run, lambda kept: kept.update(record))
    if refusal(partial(passed, run)) is None:
        assert path[0] in LENIENT or canonical(parent[path[-1]]) == canonical(before)
