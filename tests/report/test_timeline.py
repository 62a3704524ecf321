"""A timeline for the trace viewer has a row for each party, every message once, and rounds that follow one another."""

import json
from pathlib import Path

from tests.record.recorded_runs import record_small
from tests.studies.test_network import ledger
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.report.timeline import timeline
from wlra_dist.studies.network import Interconnect


def test_rounds_follow_one_another_and_messages_share_the_link():
    rows = [row | {"step": step, "bits": 8, "parts": {"C": 8}} for step, row in enumerate(ledger(5))]
    events = timeline(rows, Interconnect(1.0, 100.0))["traceEvents"]
    named = {event["args"]["name"] for event in events if event["ph"] == "M"}
    assert named == {"hub", *(f"server {i}" for i in range(5))}
    sends = [event for event in events if event["ph"] == "X" and "to" in event["args"]]
    assert len(sends) == len(rows) == sum(event["ph"] == "f" for event in events)
    ends = 0.0
    for row, event in zip(rows, sends, strict=True):
        assert event["ts"] >= ends - 1e-6
        assert event["dur"] == 1e6 * row["wire_bytes"] / 100
        ends = event["ts"] + event["dur"]
    starts = {row["round"]: event["ts"] for row, event in reversed(list(zip(rows, sends, strict=True)))}
    lasts = {row["round"]: event["ts"] + event["dur"] for row, event in zip(rows, sends, strict=True)}
    assert all(starts[number + 1] >= lasts[number] + 1e6 - 1 for number in (1, 2))


def test_the_command_writes_it(tmp_path: Path):
    run = record_small("raw", tmp_path)
    assert main(["trace", str(run), "--chrome", str(tmp_path / "trace.json")]) == Exit.OK
    assert len(json.loads((tmp_path / "trace.json").read_text())["traceEvents"]) == 4 + 4 * 3
