"""Records that lie: 300 edits of small runs, and whether replay, expand or audit is taken in.

    python benchmarks/records.py [--edits 300] [--seed 0] [RUN …]

Each field of record.json once, then pairs, those first that say the same thing in two places; each edit as it stands,
with the checksum made right, and by a forger who makes every sum right. No command may end with 0 on an edited record,
unless it is true: what replay and expand say must be what they said of the honest run, and what an audit passes must be
the record of the game that its scenario makes. Seconds, ranks, date, platform, versions and the machine's arithmetic
are protected by the checksum alone. A line for each that was taken in, and a count; the exit code is 1 if there is one.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))  # for the tests' own small runs and edits

from tests.record.lies import COMMANDS, WHO, Asked, apply, ask, edited, edits, taken_in
from tests.record.recorded_runs import SMALL, figures, record_small


def examine(name: str, place: Path, count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """How often each exit code came, and the lies that a command was taken in by."""
    run = record_small(name, place)
    honest = figures(run)
    answers = {command: ask(command, run) for command in COMMANDS}
    codes: Counter[str] = Counter()
    lies: list[str] = []
    for edit in edits(honest, count, seed):
        for who in WHO:
            apply(run, honest, edit, who)
            for command in COMMANDS:
                answer = ask(command, run)
                codes[f"{command} {answer.code}"] += 1
                asked = Asked(command, answer, answers[command])
                if taken_in(who, edit, edited(honest, edit), asked):
                    lies.append(f"{name}: {who}: {command}: {' and '.join('.'.join(field) for field in edit)}")
    return codes, lies


def main() -> int:
    parser = argparse.ArgumentParser(description="Records that lie.")
    parser.add_argument("runs", nargs="*", default=["servers"], choices=list(SMALL), metavar="RUN")
    parser.add_argument("--edits", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    found: list[str] = []
    for name in asked.runs:
        with TemporaryDirectory() as place:
            codes, lies = examine(name, Path(place), asked.edits, asked.seed)
        found += lies
        print(name, ", ".join(f"{answer}: {times}" for answer, times in sorted(codes.items())), flush=True)
    print(*found, f"{len(found)} times taken in", sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
