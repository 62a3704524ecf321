"""A small game under mpiexec: `mpiexec -n N python -m wlra_dist.testing.ranks ASKED` plays what ASKED says, as JSON."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from inspect import getsourcefile, unwrap
from pathlib import Path
from typing import Any

from wlra_dist.scenario.plugins import with_plugins
from wlra_dist.testing.apart import PATIENCE, ApartError
from wlra_dist.testing.boards import boards
from wlra_dist.testing.story import Story, tell
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World, place

BEGUN = "begun"
"""What the first rank says when the job stands: a launcher that cannot start one proves nothing."""


def named_in_file(protocol: Any) -> tuple[str, str] | None:
    """The file that a protocol stands in and its name in that file's PROTOCOLS, if it has one."""
    inner = unwrap(protocol)
    table = getattr(sys.modules.get(getattr(inner, "__module__", "")), "PROTOCOLS", {})
    name = next((name for name, known in table.items() if known is protocol), None)
    file = None if name is None or isinstance(protocol, partial) else getsourcefile(inner)
    return None if name is None or file is None else (file, name)


def check_under_mpi(protocol: Any, options: Mapping[str, Any], m: int, story: Story, board: int, ranks: int) -> None:
    """Holds what so many ranks tell to what one process does; ApartError where it differs.

    Nothing is checked where there is no mpiexec, or the protocol is in no file's PROTOCOLS.
    """
    launcher, found = mpiexec(), named_in_file(protocol)
    if launcher is None or found is None:
        return
    asked = json.dumps({"file": found[0], "name": found[1], "options": options, "m": m, "board": board})
    command = [launcher, "-n", str(ranks), sys.executable, "-m", "wlra_dist.testing.ranks", asked]
    try:
        job = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise ApartError(f"breaks law 5: under mpiexec with {ranks} ranks it does not end") from None
    first, *rest = job.stdout.splitlines() or [""]
    if first != BEGUN:
        return
    if job.returncode or not rest:
        last = (job.stderr.strip().splitlines() or [f"code {job.returncode}"])[-1]
        raise ApartError(f"breaks law 5: under mpiexec with {ranks} ranks it ends with {last:.200}")
    together = Story.from_json(rest[0].encode())
    if (together.frames, together.output) != (story.frames, story.output):
        raise ApartError(f"breaks law 5: under mpiexec with {ranks} ranks it tells another story than in one process")


def mpiexec() -> str | None:
    """The launcher beside this Python, or the one on PATH."""
    return shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")


def main(world: World, beat: Callable[[str], None]) -> int:
    """Plays on these ranks; the first one prints what all of them have to tell."""
    if world.rank == 0:
        print(BEGUN, flush=True)
    beat(BEGUN)
    asked = json.loads(sys.argv[1])
    protocol = with_plugins([asked["file"]]).protocols[asked["name"]](**asked["options"])
    board, m = boards()[asked["board"]], asked["m"]
    own = tell(protocol, board, board.A, m, world.wire(place(m, world.size)))
    stories = [Story.from_json(data) for data in world.gather(own.to_json()) or ()]
    if stories:
        frames = {step: frame for story in stories for step, frame in story.frames.items()}
        print(Story([], [], {}, frames, own.output).to_json().decode(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, stall_limit=PATIENCE / 2))
