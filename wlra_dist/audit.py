"""A run audited: everything that can be computed again is, and the first thing that does not agree is named.

Checksums come first, since they find damage; but whoever changes a file can change its checksum too. So nothing rests
on them: frames are read again, the ledger is counted again by the coordinator of the replay, each figure is derived
again from the ledger, and loss and bounds from A, where A can be had. What nobody can compute again is protected by
checksums alone: seconds, ranks, date, versions, platform, the picture, and how the servers chose.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wlra_dist.agreement import EXACT, Tolerance, agree, arrays_agree
from wlra_dist.certificate import Certificate
from wlra_dist.deal import deal
from wlra_dist.errors import InputError, VerificationError
from wlra_dist.fingerprint import fingerprint
from wlra_dist.game import PerParty
from wlra_dist.game.frame import checksum, unseal
from wlra_dist.instances import Instance, alone
from wlra_dist.play import Outcome
from wlra_dist.public_input import PublicInput
from wlra_dist.record import FILES, LEDGER, RECORD, TRANSCRIPT, WEIGHTS, ledger_row
from wlra_dist.recorded import Recorded, parse, read_run
from wlra_dist.referee import Referee
from wlra_dist.replay import HOSTILE, Heard, compared, frames_of, listen, solution_arrays
from wlra_dist.report.arrays_file import digests
from wlra_dist.report.summary import plain, summary
from wlra_dist.report.weights_file import keep_weights, sha256_of
from wlra_dist.weights import Matrix, Weights


def audit(directory: Path, data: Path | None = None) -> Iterator[str]:
    """A line for each check that was passed, in a fixed order.

    Args:
        directory: of the run.
        data: where the files that the scenario names are now. Without it, files that are not where the scenario says
            leave A unknown, and the last line says so.

    Raises:
        InputError: no such run, or `data` does not have what it should.
        VerificationError: the first thing that does not agree.
    """
    run = read_run(directory, data)
    yield f"record       {RECORD} is whole, by its own checksum"
    yield f"files        {_files(run)}"
    frames, rows = frames_of(run), _rows(run)
    yield f"frames       {len(frames):,} in {TRANSCRIPT}, headers and payloads by their checksums"
    yield f"transcript   {_transcript(frames, rows)}"
    heard = listen(run, frames)
    yield f"ledger       {_ledger(heard, rows)}"
    yield f"figures      {_figures(run, heard)}"
    yield f"solution     {_solution(run, heard)}"
    dealt = _dealt(run, required=data is not None)
    if isinstance(dealt, str):
        yield f"NOT CHECKED  loss and bounds were not computed again: {dealt}"
        return
    yield f"input        {_input(run, dealt)}"
    yield f"certificate  {_certificate(run, heard, dealt)}"


def _files(run: Recorded) -> str:
    """All files are there, and those that were written."""
    for name in FILES:
        if not (run.directory / name).is_file():
            raise VerificationError(f"{name} is missing")
    sums = {name: sha256_of(run.directory / name) for name in FILES if name != RECORD}
    agree(f"SHA-256 in {RECORD}", run.claims.files, sums)
    return f"the {len(sums)} others are whole, by their SHA-256"


def _rows(run: Recorded) -> list[dict[str, Any]]:
    """The rows of the ledger."""
    try:
        lines = (run.directory / LEDGER).read_bytes().split(b"\n")
    except OSError as error:
        raise InputError(f"{run.directory / LEDGER} cannot be read: {error.strerror}") from error
    if lines.pop():
        raise VerificationError(f"{LEDGER}: its last row does not end")
    return [_row(step, line) for step, line in enumerate(lines)]


def _row(step: int, line: bytes) -> dict[str, Any]:
    try:
        row = parse(line.decode())
    except ValueError as error:
        raise VerificationError(f"{LEDGER}, row {step}: {error}") from error
    if not isinstance(row, dict):
        raise VerificationError(f"{LEDGER}, row {step} is no JSON object")
    return row


def _transcript(frames: Sequence[bytes], rows: Sequence[dict[str, Any]]) -> str:
    """The ledger has a row for each frame, of its step, bits, bytes and checksum."""
    if len(rows) != len(frames):
        raise VerificationError(f"{LEDGER} has {len(rows)} rows, {TRANSCRIPT} {len(frames)} messages")
    for step, (sealed, row) in enumerate(zip(frames, rows, strict=True)):
        bits = unseal(sealed, step).bits
        seen = {"step": step, "bits": bits, "wire_bytes": len(sealed), "checksum": checksum(sealed)}
        agree(f"{LEDGER}, row {step}", {key: row[key] for key in seen if key in row}, seen)
    return f"{LEDGER} has its steps, bits, bytes and checksums"


def _ledger(heard: Heard, rows: Sequence[dict[str, Any]]) -> str:
    """Each row says what the coordinator books when it hears the message again."""
    for entry, row in zip(heard.account.entries, rows, strict=True):
        agree(f"{LEDGER}, row {entry.step}", row, ledger_row(entry))
    return "a coordinator without A counts the same: senders, rounds, bits of each part"


def _figures(run: Recorded, heard: Heard) -> str:
    """Each figure follows from scenario, ledger, solution and certificate."""
    try:
        expected = summary(_outcome(run, heard))
    except HOSTILE as error:
        raise VerificationError(f"{RECORD}: no figures follow from what it claims: {error}") from error
    agree(RECORD, {key: run.figures[key] for key in expected if key in run.figures}, expected)
    return f"{len(expected)} of {RECORD} follow from scenario, ledger, solution and certificate"


def _outcome(run: Recorded, heard: Heard) -> Outcome:
    """The run as it was, but for A: its certificate and checks are as claimed."""
    claims = run.claims
    return Outcome(
        scenario=run.scenario,
        instance=heard.instance,
        ranks=claims.ranks,
        account=heard.account,
        solution=heard.solution,
        certificate=Certificate(**claims.certificate),
        checks=claims.checks,
        # a server that hears what the coordinator said, which is checked, cannot but end up with the same
        copies=run.scenario.game.servers if run.scenario.protocol.output == "everyone" else 0,
        public_coins=heard.public_coins,
        seconds=claims.seconds,
    )


def _solution(run: Recorded, heard: Heard) -> str:
    verdict = compared(run, heard)
    if not verdict.same:
        raise VerificationError(verdict.sentence)
    agree(f"{RECORD}: solution", run.claims.solution, digests(solution_arrays(heard.solution)))
    return verdict.sentence


@dataclass(frozen=True, eq=False)
class Dealt:
    """The instance opened again, and the servers' blocks of W and A."""

    instance: Instance
    W: PerParty[Weights]
    A: dict[int, Matrix]


def _dealt(run: Recorded, *, required: bool) -> Dealt | str:
    """The input again; or, unless it is required, why it cannot be had."""
    try:
        instance = run.options.open(alone)
        hands = deal(instance.shape[1], run.scenario.game)
        A = {i: instance.columns(columns) for i, columns in enumerate(hands.columns)}
        return Dealt(instance, hands.weights(instance.weights), A)
    except InputError as error:
        if required:
            raise
        return f"{error}; if the data were moved, say where to: --data DIRECTORY"


def _input(run: Recorded, dealt: Dealt) -> str:
    """W and what is public of A are what the scenario makes."""
    tolerance, kept = _tolerance(run), run.kept_weights()
    agree(f"{RECORD}: input", asdict(run.claims.input), asdict(PublicInput.of(dealt.instance)), tolerance)
    made = keep_weights(dealt.instance.weights, run.options)
    agree(f"{RECORD}: weights", kept.facts, made.facts)
    arrays_agree(WEIGHTS, kept.arrays, made.arrays, tolerance)
    return f"W and what is public of A are what the scenario makes, {_exactly(tolerance)}"


def _certificate(run: Recorded, heard: Heard, dealt: Dealt) -> str:
    """Loss, bounds and the instance's own checks, from A."""
    referee = Referee.of(dealt.instance, dealt.W, dealt.A, run.scenario.protocol.effort)
    certificate, checks = referee.judge(heard.solution)
    tolerance = _tolerance(run, certificate.noise)
    agree(f"{RECORD}: certificate", run.claims.certificate, plain(asdict(certificate)), tolerance)
    agree(f"{RECORD}: checks", run.claims.checks, plain(checks), tolerance)
    return f"loss, lower bound and checks computed again from A, {_exactly(tolerance)}"


def _tolerance(run: Recorded, noise: float = 0.0) -> Tolerance:
    """None on a machine that computes as the one that played.

    Else half the digits of A's own type: rounding differs, also in the training that A may come from.
    """
    if fingerprint() == run.claims.fingerprint:
        return EXACT
    return Tolerance(float(np.sqrt(np.finfo(f"float{run.claims.input.width}").eps)), noise)


def _exactly(tolerance: Tolerance) -> str:
    if tolerance == EXACT:
        return "bit for bit"
    return f"to {tolerance.relative:.1g}: this machine computes otherwise than the one that played"
