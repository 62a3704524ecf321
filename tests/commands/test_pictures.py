"""`--picture` draws what `--out` would, in the format that the file's name ends in."""

from pathlib import Path

import pytest

from wlra_dist.commands.main import main
from wlra_dist.errors import Exit

GAME = """
about = "small, so that all is drawing"
instance = {kind = "lower_bound", s = 8, r = 2, k = 1}
game = {servers = 2}
protocol = {name = "one_round"}
"""

BEGINS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture
def game(tmp_path: Path) -> str:
    (tmp_path / "game.toml").write_text(GAME)
    return str(tmp_path / "game.toml")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["run"], ["it.svg"]),
        (["run", "--trials", "2"], ["it.pdf"]),
        (["run", "--set", "sweep.s=[8, 16]", "--set", "sweep.r=[1, 2]"], ["it_by_r.svg", "it_by_s.svg"]),
        (["compare", "--protocols", "one_round,raw"], ["it.svg"]),
    ],
)
def test_a_picture_is_of_the_kind_that_its_name_says(words: list[str], names: list[str], game: str, tmp_path: Path):
    (tmp_path / "drawn").mkdir()
    ending = Path(names[0]).suffix
    command, *options = words
    assert main([command, game, *options, "--picture", str(tmp_path / "drawn" / f"it{ending}")]) == Exit.OK
    drawn = sorted((tmp_path / "drawn").iterdir())
    assert [file.name for file in drawn] == names
    assert all(file.read_bytes().startswith(BEGINS[ending]) for file in drawn)


@pytest.mark.parametrize(("name", "expected"), [("it.jpg", "ends in .png, .svg, .pdf"), ("no/it.svg", "make ")])
def test_a_picture_that_cannot_be_is_refused_before_the_game(
    name: str, expected: str, game: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    for command in ("run", "compare"):
        try:
            code = main([command, game, "--picture", str(tmp_path / name)])
        except SystemExit as refusal:  # argparse's
            code = refusal.code
        assert code == Exit.INPUT
        printed = capfd.readouterr()
        assert expected in printed.err
        assert printed.out == ""
