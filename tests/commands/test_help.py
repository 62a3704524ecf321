"""What somebody reads who does not know the commands yet: help, examples, and what was likely meant by a wrong word."""

import shlex

import pytest

from wlra_dist.commands.main import COMMANDS, main, module_of, parse, parsers
from wlra_dist.errors import Exit


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"] if command else ["--help"])
    assert ended.value.code == Exit.OK
    return capsys.readouterr().out


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_on_the_screen(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, help_of(command, capsys).splitlines())) <= 80


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_is_described(command: str):
    _, parser_of = parsers({command})
    described = parser_of[command]._actions  # noqa: SLF001 (argparse shows its arguments to nobody)
    assert [argument.dest for argument in described if len(argument.help or "") < 10] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_in_the_help_is_understood(command: str, capsys: pytest.CaptureFixture[str]):
    words = shlex.split(help_of(command, capsys).partition("example: ")[2])
    options = parse(words[words.index("wlra-dist") + 1 :])
    assert options.command.__module__ == module_of(command)


def test_the_general_help_names_every_command(capsys: pytest.CaptureFixture[str]):
    general = help_of("", capsys)
    assert all(f"    {command}" in general for command in COMMANDS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["rnu", "quickstart"], "there is no command 'rnu' (did you mean 'run'?); try `wlra-dist --help`"),
        (["play"], "there is no command 'play'"),
        (["run", "quickstart", "--severs", "3"], "there is no option --severs (did you mean '--servers'?)"),
        (["run", "--require_rank=yes", "x"], "there is no option --require_rank (did you mean '--require-rank'?)"),
        (["run", "quickstart", "5"], "expected nothing after its arguments, found '5'; try `wlra-dist run --help`"),
        (["run", "quikstart"], "there is no scenario 'quikstart' (did you mean 'quickstart'?)"),
        (["run", "quickstart", "--set", "epsilom=1"], "no table has this key (did you mean 'epsilon'?)"),
        ([], "the following arguments are required: COMMAND; try `wlra-dist --help`"),
    ],
)
def test_a_wrong_word_ends_in_a_sentence_that_helps(words: list[str], expected: str, capfd: pytest.CaptureFixture[str]):
    assert main(words) == Exit.INPUT
    sentence = capfd.readouterr().err
    assert sentence.startswith("wlra-dist: ")
    assert expected in sentence
    assert sentence.count("\n") == 1


def test_no_argument_is_declared_of_commands_that_were_not_typed():
    _, parser_of = parsers({"bounds"})
    undeclared = [name for name, parser in parser_of.items() if parser.get_default("command") is None]
    assert undeclared == [name for name in COMMANDS if name != "bounds"]
