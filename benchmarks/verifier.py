"""What verifier/verify.py makes of honest runs, and of damaged ones: none may pass.

    python benchmarks/verifier.py [--damages 2000] [--instances A,B,…]

Plays the standard set's games of one_way, one_round and local_budget that the verifier speaks for, and damages each
run in turn, one of each kind of damage after the other (tests/record/damage.py).
"""

import argparse
import tempfile
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np

from tests.record.damage import copies, damages
from tests.record.verifying import recorded_scenario, verifier
from wlra_dist.scenario.check import check
from wlra_dist.scenario.options import Scenario
from wlra_dist.studies.bits.standard import standard_games

SMALL = ("mask", "scattered", "sparse_exact", "chain_weak", "distinct", "unweighted", "shared_row", "sparse")
"""Instances whose runs are read in a moment: these are damaged."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--damages", type=int, default=2000)
    parser.add_argument("--instances", default="")
    options = parser.parse_args()
    verify = verifier()

    def outcome(run: Path, A: Path, W: Path | None = None) -> str:
        try:
            return verify.verify(run, A, W).split("\n")[0]
        except verify.SilenceError as silence:
            return f"NOT CHECKED: {silence}"
        except Exception as error:
            return f"NOT VERIFIED: {error}"

    names = options.instances.split(",") if options.instances else [*standard_games()]
    with tempfile.TemporaryDirectory() as place:
        runs = []
        for name, draft in standard_games(names).items():
            two = draft.tables["game"]["servers"] == 1
            for protocol in ("one_way",) if two else ("one_round", "local_budget"):
                try:
                    scenario = check(draft.with_protocol(protocol, "benchmark"))
                except Exception as error:
                    print(f"{name}, {protocol}: not played ({error})")
                    continue
                run, A = recorded_scenario(scenario, Path(place) / f"{name}-{protocol}")
                print(f"{name}, {protocol}: {outcome(run, A, _own_W(scenario))[:110]}", flush=True)
                runs += [(run, A)] if name in SMALL else []
        found: Counter[str] = Counter()
        kept = [damages(run, np.random.default_rng(number)) for number, (run, _) in enumerate(runs)]
        for number in range(options.damages if runs else 0):
            run, A = runs[number % len(runs)]
            (damage,) = islice(kept[number % len(runs)], 1)
            damaged = copies(run, A, Path(place) / "damaged")
            damage.do(*damaged)
            answer = outcome(*damaged)
            found[answer.split(":")[0]] += 1
            if answer.startswith("VERIFIED"):
                print(f"{run.parent.name}: VERIFIED with {damage.what}")
        print(dict(found))


def _own_W(scenario: Scenario) -> Path | None:
    """The file that W stays in."""
    W = getattr(scenario.instance, "W", None)
    return Path(W) if isinstance(W, str) else None


if __name__ == "__main__":
    main()
