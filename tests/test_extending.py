"""docs/extending.md, run from top to bottom: what it tells a stranger to write and to type works."""

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit

PAGE = (Path(__file__).parents[1] / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PLACEHOLDERS = re.compile("SCENARIO|FILE")


def test_the_page_is_run_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    names: dict[str, Any] = {}
    seen = {"files": 0, "commands": 0, "checks": 0}
    for language, text in BLOCKS:
        if file := re.match(r"# (\w+\.\w+)\n", text):
            (tmp_path / file[1]).write_text(text, encoding="utf-8")
            seen["files"] += 1
        elif language == "python":
            exec(text, names)
            seen["checks"] += 1
        elif not PLACEHOLDERS.search(text):
            for line in text.splitlines():
                _, *words = shlex.split(line)
                assert main(words) == Exit.OK, (line, capfd.readouterr().err)
                seen["commands"] += 1
    assert seen == {"files": 6, "commands": 7, "checks": 4}
    for file in tmp_path.glob("*.py"):
        sys.modules.pop(file.stem, None)
