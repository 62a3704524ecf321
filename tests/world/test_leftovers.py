"""What must not outlive a process is removed in time, and its heir hears of it."""

from pathlib import Path

from wlra_dist.world import leftovers


def test_a_passing_path_goes_with_its_context_or_with_the_process(tmp_path: Path):
    directory, file = tmp_path / "directory", tmp_path / "file"
    seen: list[list[Path]] = []
    with leftovers.inherited(seen.append), leftovers.passing(directory), leftovers.passing(file):
        directory.mkdir()
        (directory / "inside").touch()
        file.touch()
        leftovers.remove_all()
        assert not directory.exists()
        assert not file.exists()
        directory.mkdir()
    assert not directory.exists()
    assert seen == [[directory], [directory, file], [directory], []]


def test_a_path_that_cannot_be_is_not_left_on_the_list(tmp_path: Path):
    (tmp_path / "file").touch()
    seen: list[list[Path]] = []
    with leftovers.inherited(seen.append), leftovers.passing(tmp_path / "file" / "below"):
        leftovers.remove_all()
    assert seen[-1] == []
