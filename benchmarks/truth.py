"""Instances that are drawn, and all that games and solvers claim of them held against what anybody can compute.

    python benchmarks/truth.py [--instances 3000] [--first 0] [--log FILE]

Families × protocols and solvers × ε, each from a seed: loss ≤ promise wherever `holds` is true; LB ≤ the best of 100
runs of alternating least squares wherever it is proven; bits and loss unchanged by junk where W is 0 and by powers of
two; no warning and no exception. A table says what became of promises; each violation has a line with its seed. With a
log, a line of JSON a seed, an interrupted run goes on. The exit code is 1 if there is a violation, or if more than one
in twenty of the promises by estimate is broken.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # for the tests' own families and oracles

from tests.truth.claims import Verdict, verdict

MOST_BROKEN = 0.05
"""Of promises by estimate."""

OUTCOMES = ("kept", "broken", "nothing", "solved", "refused", "raised")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--instances", type=int, default=3000)
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--log", type=Path, help="keeps a line for each seed, and goes on after those that it has")
    options = parser.parse_args()
    found = list(verdicts(range(options.first, options.first + options.instances), options.log))
    print(table(found, "who"), table(found, "family"), sep="\n")
    false = [one for one in found if one.violations]
    print(f"{len(found)} instances, {len(false)} with violations")
    for one in false:
        print(f"seed {one.seed}, {one.family}, {one.who}: {'; '.join(one.violations)}")
    promised = Counter(one.outcome for one in found)
    return 1 if false or promised["broken"] > MOST_BROKEN * (promised["kept"] + promised["broken"]) else 0


def verdicts(seeds: range, log: Path | None) -> Iterator[Verdict]:
    """One for each seed; those in the log first."""
    lines = log.read_text().splitlines() if log is not None and log.exists() else []
    known = {one.seed: one for one in (Verdict(**json.loads(line)) for line in lines)}
    yield from (known[seed] for seed in seeds if seed in known)
    for seed in seeds:
        if seed not in known:
            yield (one := verdict(seed))
            if log is not None:
                with log.open("a") as file:
                    print(json.dumps(one._asdict()), file=file)


def table(found: list[Verdict], key: str) -> str:
    """What became of the instances, by family or by who played."""
    counts = Counter((getattr(one, key), one.outcome) for one in found)
    head = f"{key:24}{''.join(f'{outcome:>10}' for outcome in OUTCOMES)}{'false':>10}\n"
    false = Counter(getattr(one, key) for one in found if one.violations)
    rows = (
        f"{name:24}{''.join(f'{counts[name, outcome]:>10}' for outcome in OUTCOMES)}{false[name]:>10}\n"
        for name in dict.fromkeys(sorted(getattr(one, key) for one in found))
    )
    return head + "".join(rows)


if __name__ == "__main__":
    sys.exit(main())
