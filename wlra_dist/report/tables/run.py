"""The table at the end of a run: a figure a line, and beside it the words that say what it is.

Plain text on a terminal and in a pipe alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wlra_dist.protocols.bounds import SOURCES
from wlra_dist.record.theory import FAILS
from wlra_dist.report.first_line import first_line
from wlra_dist.report.rank_words import rank_in_words
from wlra_dist.report.tables.columns import Row, in_a_line

MOST_PARTIES = 4
"""Senders with a line of their own."""

MOST_COLUMN_COUNTS = 6
"""Servers whose numbers of columns are listed one by one."""

MOST_PHASES = 6
"""Phases with a line of their own."""

AT_MOST = "no more of the paper's numbers for these sizes"

PARTS = {
    "steps": "how coarsely numbers are rounded",
    "coarse": "B, roughly: which step each entry lies in",
    "digits": "where in its step each entry lies",
    "loss": "what rounding has lost so far",
    "U": "the left factor, or how it changes",
    "V": "the right factor",
    "Gram matrices": "of the right factor, by the weights of each row, as far as they are not foreseen",
    "gradients": "of the loss, as far as they are not foreseen",
    "weights": "W itself, which nobody need say where it is public",
    "header": "counts and flags",
    "column indices": "which columns the servers chose",
    "support of C": "the rows where these columns are not 0",
    "values of C": "the entries of these columns",
    "coefficients": "X: how all other columns follow from them",
    "lower bound": "what no rank-k matrix can beat on a server's block",
    "residual curve": "what a server's first columns leave of its block",
    "relayed words": "what the others said, passed on",
    "SB": "B under a random matrix of few rows",
    "SQ": "a frame of B's leading directions, under such a matrix",
    "Y": "B's columns in that frame",
    "energy": "of what is outside that frame",
    "check": "sums of B's rows with random signs, to hold a choice against",
    "rows": "which rows are equal",
    "columns": "which columns are equal",
    "row indices": "the rows of A from which the coefficients follow",
}

PHASES = {
    "open": "making or opening A and W",
    "load": "each server's columns of A",
    "play": "the game, from the first step to the last message; in it:",
    "settle": "adding up what was said",
    "referee": "computing loss, LB and checks: no part of the game",
    "weighted_block": "B = W∘A",
    "weighted": "B = W∘A",
    "goal": "the loss that each server may leave",
    "lower_bound": "what no rank-k matrix can beat on each block",
    "choose_ahead": "choosing columns, to see what they would leave",
    "survey": "what the first columns leave of each block",
    "deal_loss": "which server may leave how much",
    "as_coordinator": "each server plays the coordinator, from what it was told",
    "choose": "choosing columns",
    "fit": "X by least squares, and its rounding",
    "encode": "values to bits",
    "decode": "bits to values, and waiting for them",
    "assemble": "the output, from what was heard",
    "coins": "random numbers",
}

CHECKS = {
    "decoded": "whether A_dense, read off Ã as in Thm 1.5, is right bit by bit",
}

BOUNDS = {
    "tail": "‖(W∘A)_−K‖², K = k·rank(W)",
    "groups": "equal rows or columns of W, each group solved",
    "minorant": "A under smaller weights of rank one",
    "multipliers": "A under smaller weights of rank one, with multipliers",
    "solution": "one decomposition at a solution that was found",
    "blocks": "the servers' own bounds, added up",
    "none": "nothing is proven of any rank-k loss but that it is at least 0",
}

WORDS_OF_BOUNDS = {
    "lower_bound_bits": ("lower bound", "N: what such inputs cost on average, without error"),
    "lower_bound_worst_case": ("  right for 2/3", "log2(2/3 of such inputs): some run's bits if 2 in 3 need be right"),
    "lower_bound_expected": ("  on average", "N − log2(inputs)/3 − 0.918: those of all on average, if so"),
    "lower_bound_everyone": ("  everyone", "m(N − 2 log2 3/2): if so, and every server must output"),
}
"""By bound: its name, and what it is."""


def table(facts: Mapping[str, Any]) -> str:
    """The summary of a run as lines; `report.screen.fitted` folds those that are too long."""
    sections = {
        "How good the output Ã is": _accuracy(facts),
        "What was said": [*_bits(facts), *_senders(facts)],
        "What theory says": _theory(facts),
        "How it went": [*_wire(facts), *_seconds(facts["seconds"])],
    }
    body = [line for title, rows in sections.items() for line in ("", title, *map(in_a_line, rows))]
    sums = {"transcript": facts["digest"], "record": facts.get("seal")}
    ends = [f"  {name:<12}{digest}" for name, digest in sums.items() if digest]
    return "\n".join([*_headline(facts), *body, "", "SHA-256", *ends, *_saving(facts["choice"])])


def _headline(facts: Mapping[str, Any]) -> list[str]:
    n, d, k = (f"{facts[key]:,}" for key in "ndk")
    asked = "" if facts["epsilon"] is None else f", ε = {facts['epsilon']:g}"
    everyone = ", all of which output" if facts["output"] == "everyone" else ""
    players = f"{_counted(facts['servers'], 'server')} in {_counted(facts['ranks'], 'process', 'es')}"
    return [
        first_line(facts).words,
        f"{facts['scenario']}: {facts['protocol']}, {players}{everyone}",
        f"A and W are {n} × {d}; target rank k = {k}{asked}",
        rank_in_words(facts),
        *_choice(facts["choice"]),
    ]


def _choice(choice: Mapping[str, Any] | None) -> Iterable[str]:
    """Why the protocol was chosen, if it was not named."""
    if choice is None:
        return
    other = choice["runner_up"]
    beside = f"; {other} would take about {choice['runner_up_bits']:,.0f}" if other else ""
    yield f"chosen by auto for about {choice['bits']:,.0f} bits: {choice['reason']}{beside}"


def _saving(choice: Mapping[str, Any] | None) -> Iterable[str]:
    """The last line: how to save half of the bits, where an estimate would."""
    if choice and choice["by_estimate"]:
        bits = f"about {choice['by_estimate_bits']:,.0f} bits"
        yield f"If an estimate will do: --set promise=estimate plays {choice['by_estimate']} for {bits}."


def _accuracy(facts: Mapping[str, Any]) -> Iterable[Row]:
    yield "loss", _number(facts["loss"]), "‖W∘(A − Ã)‖²: the squared error, weighted"
    proven = "proven: any rank-k loss is at least this: " if facts["lower_bound_proven"] else ""
    yield "LB", _number(facts["lower_bound_opt"]), f"{proven}{BOUNDS[facts['lower_bound_by']]}"
    blocks, whole = facts["lower_bound_blocks"], facts["lower_bound_whole"]
    if blocks is not None and whole is not None:
        yield "  blocks", _number(blocks), "proven of each server's block, and added up"
        yield "  whole", _number(whole), "proven of all columns together"
    yield "loss / LB", _number(facts["ratio"], ".4f"), _ratio_in_words(facts)
    yield "exact", _yes(facts["exact"]), "whether the loss is 0"
    for name, passed in facts["checks"].items():
        if isinstance(passed, bool):
            yield name, _yes(passed), CHECKS.get(name, "by the instance's own check")
    if facts["output"] == "everyone":
        yield "copies", _number(facts["copies"]), "servers that hold the same Ã, bit for bit"
    yield "promise kept", _number(facts["holds"]), _promise_in_words(facts)
    yield "columns", _number(sum(facts["columns"])), f"of C were sent: {_column_counts(facts['columns'])}"
    yield "numbers", _number(facts["parameters"]), f"in C and X; A has {facts['n'] * facts['d']:,}"


def _promise_in_words(facts: Mapping[str, Any]) -> str:
    if facts["holds"] is None and facts["promise"] is None:
        return "nothing was promised: no bound is proven of some server's block to aim at"
    if facts["holds"] is None and facts["promise"] == "two in three":
        return "not in this game; with probability 2/3 was promised (see --trials)"
    if facts["holds"] is None:
        return "beyond what was promised, but by no more than rounding"
    match facts["promise"]:
        case "certain":
            return "whether Ã is as accurate as was asked, and passed all checks"
        case "estimate":
            return "whether Ã is as accurate as promised by estimate, all checks passed"
        case "two in three":
            return "whether Ã is as accurate as promised with probability 2/3, all checks passed"
    return "whether Ã passed all checks; no accuracy was promised"


def _ratio_in_words(facts: Mapping[str, Any]) -> str:
    if facts["lower_bound_opt"] is None and not facts["exact"]:
        return "there is no LB to hold the loss against"
    if facts["ratio"] is None:
        return "both are rounding" if facts["lower_bound_opt"] else "LB is 0, the loss is not"
    asked = "" if facts["epsilon"] is None else f"; at most {1 + facts['epsilon']:g} was asked for"
    fewer = "below 1 as Ã has a rank above k" if facts["ratio"] < 1 else "the loss is at most this × the best"
    return fewer + asked


def _column_counts(counts: Sequence[int]) -> str:
    if len(counts) <= MOST_COLUMN_COUNTS:
        return " + ".join(map(str, counts))
    first = " + ".join(map(str, counts[:MOST_COLUMN_COUNTS]))
    return f"{first} + … ({min(counts)} to {max(counts)} each)"


def _bits(facts: Mapping[str, Any]) -> Iterable[Row]:
    bits = facts["bits"]
    price = "once" if facts["model"] == "blackboard" else "once a hearer"
    yield "bits", _number(bits), f"counted at both ends; a broadcast costs {price}"
    for part, share in _descending(facts["bits_by_part"]):
        words = f": {PARTS[part]}" if part in PARTS else ""
        yield f"  {part}", _number(share), f"{_percent(share, bits)}{words}"


def _senders(facts: Mapping[str, Any]) -> Iterable[Row]:
    ranked = _descending(facts["bits_by_sender"])
    listed = ranked if len(ranked) <= MOST_PARTIES + 1 else ranked[:MOST_PARTIES]
    for sender, bits in listed:
        yield f"  by {sender}", _number(bits), f"{_percent(bits, facts['bits'])} of all bits"
    if rest := [bits for _, bits in ranked[len(listed) :]]:
        words = f"{_percent(sum(rest), facts['bits'])}: {min(rest):,} to {max(rest):,} each"
        yield f"  by {len(rest):,} others", _number(sum(rest)), words


def _theory(facts: Mapping[str, Any]) -> Iterable[Row]:
    word = f"{facts['word_bits']}-bit numbers"
    over = f"; sent: {facts['bits_over_paper']:.3g} ×" if facts["bits_over_paper"] else ""
    yield "paper's count", _number(facts["paper_bits"]), f"counted: the same messages in the paper's {word}{over}"
    yield from _entries(facts)
    source = SOURCES.get(facts["protocol"])
    stated = f"proven: {AT_MOST} ({source})" if source else f"claimed by the protocol's plugin: {AT_MOST}"
    yield "upper bound", _number(facts["upper_bound_bits"]), facts["upper_bound_fails"] or stated
    yield from _lower_bounds(facts)


def _entries(facts: Mapping[str, Any]) -> Iterable[Row]:
    if (power := facts["entry_power"]) is None:
        yield "entries", "real", "Def 1.4 has integers; here a real number counts as one of its numbers"
        return
    weight = "W unread" if facts["largest_weight"] is None else f"W ≤ {facts['largest_weight']:,g}"
    yield "entries", f"(nd)^{power:.2f}", f"|A| ≤ {facts['entry_bound']:,} and {weight}: what Def 1.4 calls poly(nd)"


def _lower_bounds(facts: Mapping[str, Any]) -> Iterable[Row]:
    """Those that hold, of Thm 1.5's inputs with these sizes; else why none does."""
    fails = {name: facts[FAILS[name]] for name in WORDS_OF_BOUNDS}
    if facts["output"] != "everyone":
        del fails["lower_bound_everyone"]
    if len(reasons := set(fails.values())) == 1 and None not in reasons:
        yield "lower bound", "none", reasons.pop()
        return
    for name, reason in fails.items():
        title, words = WORDS_OF_BOUNDS[name]
        over = f"; sent: {facts['bits_over_lower_bound']:.4g} ×" if facts["held_against"] == name else ""
        yield title, _number(facts[name], ".1f"), reason or f"{words}{over}"
    if facts["held_against"] is None:
        yield "", "", "proven for Thm 1.5's inputs of these sizes; this one may cost less"
    else:
        yield "", "", "proven for a family of inputs, from which this one is drawn"


def _wire(facts: Mapping[str, Any]) -> Iterable[Row]:
    yield "rounds", _number(facts["rounds"]), "the longest chain of messages that wait for one another"
    yield "messages", _number(facts["messages"]), "each with one sender and one receiver"
    yield "wire bytes", _number(facts["wire_bytes"]), "bytes carried: the bits, padding, a header a message"


def _seconds(seconds: Mapping[str, float]) -> Iterable[Row]:
    """The stages of the run, and inside the game the longest of its steps."""
    stages = [stage for stage in ("open", "load", "play", "settle", "referee") if stage in seconds]
    steps = _descending({step: spent for step, spent in seconds.items() if step not in stages})
    for stage in stages:
        yield stage, _spent(seconds[stage]), PHASES[stage]
        if stage == "play":
            for step, spent in steps[:MOST_PHASES]:
                yield f"  {step.replace('_', ' ')}", _spent(spent), PHASES.get(step, "")


def _descending(shares: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(shares.items(), key=lambda item: -item[1])


def _number(value: bool | float | None, style: str = ".6g") -> str:
    match value:
        case None:
            return "none"
        case bool():
            return _yes(value)
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,{style}}"
    return str(value)


def _spent(seconds: float) -> str:
    return f"{seconds:,.3f} s"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "0 %"


def _counted(count: int, noun: str, plural: str = "s") -> str:
    return f"{count:,} {noun}{plural if count != 1 else ''}"
