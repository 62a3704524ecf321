"""Commands, one after another, by the ranks of one job; test_ranks compares what they print.

`mpiexec -n N python commands_main.py COMMANDS`: COMMANDS are, as JSON, lists of arguments.
"""

import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import wlra_dist.commands.entry
from wlra_dist.commands import main as command_line
from wlra_dist.world.guard import guarded
from wlra_dist.world.world import World


def main(world: World, beat: Callable[[str], None]) -> int:
    def in_this_job(body: Callable[[World, Callable[[str], None]], int], **_: Any) -> int:
        return body(world, beat)

    wlra_dist.commands.entry.guarded = in_this_job  # it is guarded already, and MPI starts once
    for words in json.loads(sys.argv[1]):
        with redirect_stdout(StringIO()) as printed:
            code = command_line.main(words)
        if world.rank == 0:
            print(json.dumps([code, printed.getvalue()]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(guarded(main, stall_limit=60))
