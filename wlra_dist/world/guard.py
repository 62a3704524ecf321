"""The entry of every process: whatever happens on one rank, the job ends soon, with one error and its code.

Left to itself an MPI job hangs for ever when one rank raises, exits or stalls, and cannot be interrupted
while its ranks wait.
"""

import faulthandler
import os
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from wlra_dist.errors import UnfitEnvironmentError
from wlra_dist.world.alerts import signals_end, threads_end
from wlra_dist.world.ending import Job, end_alone, ending_of, say
from wlra_dist.world.launcher import Launch, launched
from wlra_dist.world.misfit import cure, launcher_name, misfit, name
from wlra_dist.world.neighbours import neighbours_end
from wlra_dist.world.sentry import posted
from wlra_dist.world.watchdog import Watchdog
from wlra_dist.world.world import AgreedInputError, Alone, World

if TYPE_CHECKING:
    from wlra_dist.world.mpi import MpiWorld

Main: TypeAlias = Callable[[World, Callable[[str], None]], int]
"""main(world, beat) -> exit code; it calls beat(what) on every message and phase."""


def guarded(main: Main, *, stall_limit: float) -> int:
    """Runs main on every rank; returns the largest exit code of all, if main came to its end on all of them.

    Otherwise the job is ended by force: by an exception on a rank (1, or the code of a WlraDistError), by a
    rank's early exit (its code; 1 for 0), by a signal (128 + signal), or after `stall_limit` seconds without
    a beat on a rank (124). An input error that all ranks agreed on ends it in peace (2). Without a launcher
    there is one rank, and MPI is not even loaded. To be called from the main thread.
    """
    faulthandler.enable()
    launch = launched(os.environ)
    return _play_alone(main, stall_limit) if launch.size == 1 else _play_in_job(main, launch, stall_limit)


def _play_alone(main: Main, stall_limit: float) -> int:
    job = Job(0, "", os._exit)
    try:
        with threads_end(job), Watchdog(stall_limit, job.end_by_stall, job.call_slow) as watchdog:
            code = main(Alone(), watchdog.beat)
            sys.stdout.flush()
            return code
    except (Exception, KeyboardInterrupt) as error:
        return end_alone(error)


def _play_in_job(main: Main, launch: Launch, stall_limit: float) -> int:
    job = Job.of(launch)
    with (
        signals_end(job),
        threads_end(job),
        posted(stall_limit, job) as sentry,
        Watchdog(stall_limit, job.end_by_stall, job.call_slow) as watchdog,
    ):
        watchdog.heed = sentry.sign
        try:
            world = _join(launch, job, watchdog)
            if isinstance(world, int):
                return world
            watchdog.heed = lambda lively: sentry.sign(lively) or world.heed(lively)
            job.abort = world.abort
            code = _until_agreed(main, world, watchdog.beat)
            sys.stdout.flush()
            worst = world.worst(code)
            with watchdog.waiting("the end of the game"):
                world.leave()
            return worst
        except BaseException as error:
            job.end(ending_of(error, job.name))


def _until_agreed(main: Main, world: World, beat: Callable[[str], None]) -> int:
    try:
        return main(world, beat)
    except AgreedInputError as error:
        if world.rank == 0:
            say(ending_of(error))
        return error.exit_code


def _join(launch: Launch, job: Job, watchdog: Watchdog) -> "MpiWorld | int":
    """Starts MPI; the exit code, of every rank alike, where there is none or not the launcher's."""
    with neighbours_end(job), watchdog.waiting("the start of MPI"):
        try:
            return _start(launch)
        except UnfitEnvironmentError as error:
            if launch.rank == 0:
                say(ending_of(error))
            return error.exit_code


def _start(launch: Launch) -> "MpiWorld":
    os.environ.setdefault("MPIR_CVAR_SUPPRESS_ABORT_MESSAGE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # mpi4py suspects the launcher; we say more
        try:
            from wlra_dist.world import mpi
        except (ImportError, RuntimeError) as error:
            raise UnfitEnvironmentError(
                f"a launcher started {launch.size} processes, but MPI cannot be loaded ({error}): "
                "try `pip install 'wlra-dist[mpich]'` or your cluster's MPI, then `wlra-dist doctor`"
            ) from error
        version, origin = mpi.version(), mpi.origin()
        if why := misfit(os.environ, version, origin):
            raise UnfitEnvironmentError(f"{why}: {cure(os.environ, version)}")
        world = mpi.all_ranks()
    if world.size == 1:
        raise UnfitEnvironmentError(
            f"{launcher_name(os.environ)} started {launch.size} processes, but each finds itself alone: it is not of "
            f"the MPI in use ({name(version)}: {origin}); {cure(os.environ, version)}"
        )
    return world
