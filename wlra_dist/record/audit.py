"""A run audited: everything that can be computed again is, and the first thing that does not agree is named.

Checksums and the seal come first, since they find damage and careless changes; but whoever changes a file can change
them too. So nothing rests on them: frames are read again, the ledger is counted again by the coordinator of the replay,
each figure is derived again from the ledger; where A can be had, loss and bounds are, and the servers play once more by
what the scenario says. What nobody can compute again is protected by checksums alone: seconds, ranks, date, versions,
platform, the picture.

How far a figure may be off is a matter of how this machine rounds. What the record says of the machine that played can
only ask for more: where both compute alike, every bit must agree.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from wlra_dist.errors import InputError, VerificationError
from wlra_dist.game import Stopwatch
from wlra_dist.instances import Instance, alone
from wlra_dist.instances.kept_weights import keep_weights
from wlra_dist.linalg.digests import digests
from wlra_dist.optima.grounds import ProvenBound
from wlra_dist.optima.packed import packed
from wlra_dist.playing.deal import deal
from wlra_dist.playing.opening import Opened
from wlra_dist.playing.play import perform, seat_referee
from wlra_dist.playing.referee import Referee
from wlra_dist.record.agreement import EXACT, Tolerance, agree, arrays_agree
from wlra_dist.record.figures import check_figures
from wlra_dist.record.files.arrays import read_arrays
from wlra_dist.record.ledger import held_against, ledger_rows
from wlra_dist.record.listening import HOSTILE, Decoded, frames_of, listen
from wlra_dist.record.public_input import PublicInput
from wlra_dist.record.read import Recorded, read_run
from wlra_dist.record.replay import compared
from wlra_dist.record.run_files import own_file
from wlra_dist.record.summary import plain
from wlra_dist.record.write import BOUNDS, LEDGER, RECORD, TRANSCRIPT, WEIGHTS, ledger_row
from wlra_dist.world.fingerprint import fingerprint
from wlra_dist.world.world import Alone

ROUNDING = 2.0**-30
"""Relative: other BLAS kernels moved a bound on OPT by 2e-14, on the same A and W. No claim hangs on less."""

NOT_CHECKED = "NOT CHECKED"
"""Begins the line of what could not be computed again."""


def audit(directory: Path, data: Path | None = None, plugins: Iterable[Path | str] = ()) -> Iterator[str]:
    """A line for each check that was passed, in a fixed order.

    Parameters
    ----------
    directory
        Of the run.
    data
        Where the files that the scenario names are now. Without it, files that are not where the scenario says
        leave A unknown, and the last line says so.
    plugins
        Files, those among them that it was played with.

    Yields
    ------
    str
        What agrees, or at the end what could not be checked.

    Raises
    ------
    InputError
        No such run, or `data` does not have what it should, or a plugin is missing.
    VerificationError
        The first thing that does not agree.
    """
    run = read_run(directory, data, plugins)
    if run.missing:
        raise VerificationError(f"{run.missing[0]} is missing")
    yield f"record       {RECORD} is whole, by its own checksum and seal"
    yield f"files        the {len(run.claims.files)} others are whole, by their SHA-256"
    frames = frames_of(run)
    rows = ledger_rows(run, len(frames))
    yield f"frames       {len(frames):,} in {TRANSCRIPT}, headers and payloads by their checksums"
    yield f"transcript   {held_against(frames, rows)}"
    decoded = listen(run, frames)
    yield f"ledger       {_ledger(decoded, rows)}"
    figures = check_figures(run, decoded)
    yield f"figures      {figures} of {RECORD} follow from scenario, ledger, solution and certificate"
    yield f"solution     {_solution(run, decoded)}"
    yield from _from_A(run, decoded, required=data is not None)


def _from_A(run: Recorded, decoded: Decoded, *, required: bool) -> Iterator[str]:
    """The lines of what only A can tell."""
    dealt = _dealt(run, required=required)
    if isinstance(dealt, str):
        yield f"{NOT_CHECKED}  loss and bounds were not computed again: {dealt}"
        return
    yield "input        W and what is public of A are what the scenario makes, bit for bit"
    yield from _certificate(run, decoded, dealt)
    if _played_again(run, dealt) == decoded.account.digest:
        yield "game         played again from A, by the same ε, selectors and seeds: the same words"
    elif _alike(run):
        raise VerificationError(f"{RECORD}: played again from A by its scenario, the game has other words")
    else:
        yield f"{NOT_CHECKED}  by what ε, selectors and seeds it was played: this machine chooses other words"


def _ledger(decoded: Decoded, rows: Sequence[dict[str, Any]]) -> str:
    """Each row says what the coordinator books when it hears the message again."""
    for entry, row in zip(decoded.account.entries, rows, strict=True):
        agree(f"{LEDGER}, row {entry.step}", row, ledger_row(entry))
    return "a coordinator without A counts the same: senders, rounds, bits of each part"


def _solution(run: Recorded, decoded: Decoded) -> str:
    verdict = compared(run, decoded)
    if not verdict.same:
        raise VerificationError(verdict.sentence)
    return verdict.sentence


def _dealt(run: Recorded, *, required: bool) -> Opened | str:
    """The input again, if it is the one that was played with; or why it cannot be had, unless it is required."""
    _require_sizes(run)
    try:
        instance = run.options.open(alone)
        if differs := _input_differs(run, instance):
            return differs
        hands = deal(instance.shape[1], run.scenario.game)
        A = {i: instance.columns(columns) for i, columns in enumerate(hands.columns)}
        return Opened(instance, hands, hands.weights(instance.weights), A, [list(A)])
    except InputError as error:
        if required:
            raise
        return f"{error}; if the data were moved, say where to: --data DIRECTORY"


def _require_sizes(run: Recorded) -> None:
    """VerificationError where the instance's options state other sizes than its input: before it is opened."""
    stated = run.claims.input
    due = {"n": stated.n, "k": stated.k, "r": stated.r, "s": stated.sparsity}
    due |= dict.fromkeys(("d", "hidden", "images"), stated.d)  # neurons and images are columns
    for name, size in due.items():
        option = getattr(run.options, name, None)
        if option is not None and option != size:
            raise VerificationError(f"{RECORD}: instance: {name} is {option}, its input has {size}")


def _input_differs(run: Recorded, instance: Instance) -> str | None:
    """Why the input is not the one that was played with; VerificationError where the same machine made both."""
    kept, made = run.kept_weights, keep_weights(instance.weights, run.options)
    try:
        agree(f"{RECORD}: input", asdict(run.claims.input), asdict(PublicInput.of(instance)))
        agree(f"{RECORD}: weights", kept.facts, made.facts)
        arrays_agree(WEIGHTS, kept.arrays, made.arrays)
    except VerificationError as error:
        if _alike(run):
            raise
        return f"this machine makes another input than the one that played, or the record was changed ({error})"
    return None


def _certificate(run: Recorded, decoded: Decoded, dealt: Opened) -> Iterator[str]:
    """Loss, bounds and the instance's own checks, from A."""
    referee = _referee(run, dealt)
    judgement = referee.judge(decoded.solution)
    assert judgement is not None, "rank 0 has it"
    assert referee.known is not None, "rank 0 has it"
    certificate, checks, original = judgement
    tolerance = EXACT if _alike(run) else Tolerance(ROUNDING, certificate.noise)
    stated = run.claims.certificate
    if certificate.rank_claim == stated.rank_claim:  # another minor than is found here may do as well
        certificate = replace(certificate, rank_refuted=stated.rank_refuted)
    if tolerance != EXACT:  # the bounds have been compared, each by itself
        same = {name: getattr(stated, name) for name in ("lower_bound_opt", "bound", "blocks", "whole")}
        certificate = replace(certificate, **same)
    agree(f"{RECORD}: certificate", plain(asdict(stated)), plain(asdict(certificate)), tolerance)
    agree(f"{RECORD}: checks", run.claims.checks, plain(checks), tolerance)
    sizes = {"energy": run.claims.energy, "original_bytes": run.claims.original_bytes}
    agree(RECORD, sizes, dict(zip(sizes, original, strict=True)), tolerance)
    open_questions = list(_compared_bounds(run, referee.known.bounds, tolerance))
    how = "bit for bit" if tolerance == EXACT else f"to {ROUNDING:.1g}, as this machine may round otherwise"
    yield f"certificate  loss, lower bound and checks computed again from A, {how}"
    yield from open_questions


def _referee(run: Recorded, dealt: Opened) -> Referee:
    """One who looks for bounds as was done then, if this machine rounds alike; else one who evaluates those kept."""
    keep = any(bound.grounds and bound.grounds.multipliers for bound in run.kept_bounds.values())
    try:
        return seat_referee(run.scenario, dealt, Alone(), keep=keep, stated=None if _alike(run) else run.kept_bounds)
    except HOSTILE as error:
        raise VerificationError(f"{BOUNDS}: {error}") from error


def _compared_bounds(run: Recorded, again: Mapping[int, ProvenBound], tolerance: Tolerance) -> Iterator[str]:
    """The bounds that are kept beside those computed again; a line for each that a climb here does not reach."""
    kept = run.kept_bounds
    if tolerance == EXACT:
        agree(BOUNDS, digests(read_arrays(own_file(run.directory, BOUNDS))), digests(packed(again)))
        return
    agree(BOUNDS, {"numbers": [*kept]}, {"numbers": [*again]})
    for number, bound in kept.items():
        grounds, value = bound.grounds, again[number].value
        if grounds is None or grounds.multipliers or not grounds.evaluations:
            agree(BOUNDS, {f"bound {number}": bound.value}, {f"bound {number}": value}, tolerance)
        elif value < bound.value * (1 - ROUNDING):
            yield (
                f"{NOT_CHECKED}  bound {number} is {bound.value:.6g}, its multipliers were not kept, and the climb to "
                f"them proves {value:.6g} here: play it again with --keep-certificate"
            )


def _played_again(run: Recorded, dealt: Opened) -> str:
    """The digest of the game that the scenario makes of this input."""
    played = perform(run.scenario, dealt, Alone(), Stopwatch(lambda _: None))
    assert played.account is not None, "rank 0 has it"
    return played.account.digest


def _alike(run: Recorded) -> bool:
    """Whether, as the record says, a machine played that computes as this one does."""
    return fingerprint() == run.claims.fingerprint
