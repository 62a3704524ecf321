"""Every fault in every phase of a job of 3 ranks: does it end soon, with its code, and leave nothing behind?

    python benchmarks/faults.py [--phases A,B…] [--faults A,B…] [--ranks 0,2]

Phases from before MPI_Init to MPI_Finalize, faults from an exception to SIGSEGV, on the first and the last rank. A job
must end with the fault's exit code (docs/faults.md), within 5 s, or where a process is stopped within the stall limit
and 5 s, without a process, a temporary or shared memory left, and without a traceback where nothing raised. The MPI is
the one of the environment that this runs in. A line for each case that fails, a row for each phase; exit code 1 if any
failed.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # for the tests' own cases

from tests.world.fault_cases import CODES, Case
from tests.world.faulty_cli import PHASES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--phases", default=",".join(PHASES))
    parser.add_argument("--faults", default=",".join(CODES))
    parser.add_argument("--ranks", default="0,2")
    options = parser.parse_args()
    ranks = [int(rank) for rank in options.ranks.split(",")]
    faults, failed, begun = options.faults.split(","), 0, time.monotonic()
    print(f"{'':14}" + "".join(f"{fault:>13}" for fault in faults))
    for phase in options.phases.split(","):
        rows = [(fault, rank, Case(phase, fault, rank).complaints()) for fault in faults for rank in ranks]
        for fault, rank, complaints in rows:
            if complaints:
                failed += 1
                print(f"{phase}, {fault}, rank {rank}: {'; '.join(complaints)}", flush=True)
        well = [sum(not complaints for name, _, complaints in rows if name == fault) for fault in faults]
        print(f"{phase:14}" + "".join(f"{f'{count} of {len(ranks)}':>13}" for count in well), flush=True)
    cases = len(options.phases.split(",")) * len(faults) * len(ranks)
    print(f"{cases - failed} of {cases} as they must be, in {time.monotonic() - begun:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
