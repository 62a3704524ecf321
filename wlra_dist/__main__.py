"""`python -m wlra_dist` is `wlra-dist`: whatever is imported or done from here on, a signal ends it in one sentence."""

import os
import sys

try:
    from wlra_dist.world import early
except KeyboardInterrupt:  # Ctrl-C in the milliseconds before anything attends to it
    os.write(2, b"wlra-dist: ended by SIGINT\n")
    os._exit(130)


def main() -> int:
    """Runs `wlra-dist` on the command line's arguments; its exit code."""
    early.attend()

    # from here on, so that what takes time to load is loaded where signals are attended to
    from wlra_dist.commands import main as commands
    from wlra_dist.world.alerts import signals_end
    from wlra_dist.world.ending import Job
    from wlra_dist.world.launcher import launched

    with signals_end(Job.of(launched(os.environ))):
        code = commands.main()
        early.ignore()
    return code


if __name__ == "__main__":
    sys.exit(main())
