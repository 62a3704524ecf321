"""A shell that has read the script completes what the commands take."""

import shutil
import subprocess
from pathlib import Path

import pytest

from wlra_dist.commands import completion
from wlra_dist.commands.main import COMMANDS, main
from wlra_dist.errors import Exit

WORDS = [
    (["wlra-dist", "re"], {"replay", "report"}),
    (["wlra-dist", "run", "quic"], {"quickstart"}),
    (["wlra-dist", "run", "own"], {"own.toml"}),
    (["wlra-dist", "run", "quickstart", "--se"], {"--set", "--servers"}),
    (["wlra-dist", "optimum", "own"], {"own.toml"}),
    (["wlra-dist", "trace", "x", "--plugin", "own"], {"own.toml"}),
    (["wlra-dist", "completion", ""], set(completion.SHELLS)),
]

ASK = 'COMP_WORDS=({words}); COMP_CWORD={last}; _shtab_wlra_dist; echo "${{COMPREPLY[@]}}"'


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_completes_commands_options_scenarios_and_files(tmp_path: Path):
    (tmp_path / "own.toml").touch()
    asked = [ASK.format(words=" ".join(word or "''" for word in words), last=len(words) - 1) for words, _ in WORDS]
    program = "\n".join([completion.script("bash"), *asked])
    shell = ["bash", "--norc", "-c", program]
    answers = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True).stdout
    assert [set(line.split()) for line in answers.splitlines()] == [expected for _, expected in WORDS]


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_every_shell_hears_of_every_command_and_option(shell: str, capsys: pytest.CaptureFixture[str]):
    assert main(["completion", shell]) == Exit.OK
    script = capsys.readouterr().out
    assert [command for command in (*COMMANDS, "require-rank", "stall-limit") if command not in script] == []


def test_without_shtab_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    monkeypatch.setattr(completion, "find_spec", lambda _: None)
    assert main(["completion", "bash"]) == Exit.INPUT
    expected = 'the scripts are written by shtab, which is missing: pip install "wlra-dist[completion]"'
    assert capfd.readouterr().err == f"wlra-dist: {expected}\n"
