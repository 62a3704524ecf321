"""The trace of a game: every message, or as many as one reads, with the bits of all."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

import wlra_dist
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit
from wlra_dist.report.trace import LABELS, trace

SMALL = ["run", "comparison", "--set", "n=24", "--set", "d=16", "--set", "k=1", "--set", "r=2", "--set", "s=6"]
SPEAKS = {"send", "gather", "broadcast", "scatter", "shared_coins"}


def message(step: int, round: int = 1, label: str = "C, X", bits: int = 5, **more: Any) -> dict[str, Any]:
    speakers = {"sender": f"server {step + 1}", "receiver": "coordinator", "copy": 0}
    return {"step": step, "round": round, "label": label, "bits": bits, "parts": {"header": bits}, **speakers, **more}


def labels_sent() -> set[str]:
    """Every label under which a protocol of the package speaks, read off the source."""
    sources = Path(wlra_dist.__path__[0], "protocols").rglob("*.py")
    calls = [node for path in sources for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    spoken = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in SPEAKS]
    words = [word.value for call in spoken for word in call.args if isinstance(word, ast.Constant)]
    return {word for word in words if isinstance(word, str)}


def test_every_label_of_the_package_is_explained():
    assert labels_sent() == set(LABELS)


def test_each_message_has_its_line_and_totals_run():
    lines = trace([message(0, bits=5), message(1, bits=1_000), message(2, 2, "loss", 32, copy=1)]).splitlines()
    steps = [line.split() for line in lines if re.match(r" +\d+  ", line)]
    assert [(words[0], words[-3], words[-1]) for words in steps] == [
        ("0", "5", "5"),
        ("1", "1,000", "1,005"),
        ("2", "32", "1,037"),
    ]
    assert "     2  server 3 → coordinator, the same" in "\n".join(lines)
    assert "round 2, loss: how much a server may lose" in lines
    assert "messages are shown" not in "\n".join(lines)


def test_many_messages_are_thinned_and_none_of_their_bits_is_lost():
    rows = [message(step, bits=step) for step in range(1_000)]
    text = trace(rows, most=10)
    assert "     …  990 more of 10 to 999 bits; 499,500 in all so far" in text
    assert "10 of 1,000 messages are shown" in text
    assert len(text.splitlines()) < 40


def test_many_rounds_are_thinned_in_the_middle():
    rows = [message(step, round=step + 1, bits=1) for step in range(1_000)]
    text = trace(rows, most=10)
    assert [f"round {i}," in text for i in (1, 5, 6, 995, 996, 1_000)] == [True, True, False, False, True, True]
    assert "     …  rounds like these; 995 bits in all so far" in text
    assert trace(rows, most=1_000).count("round ") == 1_000


def test_a_game_without_words_is_told():
    assert trace([]) == "nobody said anything"


def test_the_trace_of_a_record_is_that_of_its_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    assert main([*SMALL, "--trace", "--out", str(tmp_path / "run")]) == Exit.OK
    ran = capfd.readouterr().out
    assert main(["trace", str(tmp_path / "run")]) == Exit.OK
    printed = capfd.readouterr().out
    assert ran.startswith(printed)
    assert max(map(len, printed.splitlines())) <= 80
    assert main(["trace", str(tmp_path / "run"), "--json"]) == Exit.OK
    rows = json.loads(capfd.readouterr().out)["messages"]
    assert f"{sum(row['bits'] for row in rows):,}" in printed.split()
    (tmp_path / "run" / "ledger.jsonl").write_text("")
    assert main(["trace", str(tmp_path / "run")]) == Exit.VERIFICATION
    assert "ledger.jsonl was changed" in capfd.readouterr().err


def test_a_sweep_has_no_trace(capfd: pytest.CaptureFixture[str]):
    assert main([*SMALL, "--set", "sweep.m=[1,2]", "--trace"]) == Exit.INPUT
    assert "--trace tells one game, and several were asked for" in capfd.readouterr().err
