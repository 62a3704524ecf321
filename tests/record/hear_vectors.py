"""What the golden transcripts decode to in this process, and what integer games say in it, as JSON on stdout."""

import json
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from tests.codecs.in_numpy import in_numpy
from tests.record.verifying import verifier
from wlra_dist.playing.simply import play
from wlra_dist.record.listening import frames_of, listen
from wlra_dist.record.read import Recorded, read_run

PLAYED = {
    "bits": ("lower_bound", {"s": 8, "r": 3, "k": 2}),
    "integers": ("comparison", {"n": 120, "d": 60, "s": 10}),
    "exact": ("servers", {"n": 120, "d": 60, "s": 8, "k": 2, "noise": 0.0, "servers": 3}),
}
"""Games of integers: the words are the same on every machine."""


SPOKEN = ("bits", "scattered", "chain", "integers", "layer", "images", "local_budget")
"""The runs of protocols and forms that docs/format.md describes and the verifier reads."""


def main(vectors: Path) -> None:
    runs = {file.parent.name: read_run(file.parent) for file in sorted(vectors.glob("*/record.json"))}
    decoded = {name: [_factors(run, threads) for threads in (1, 2)] for name, run in runs.items()}
    digests = {name: play(scenario, **settings).account.digest for name, (scenario, settings) in PLAYED.items()}
    verified = {name: _verified(vectors / name) for name in SPOKEN}
    print(json.dumps({"heard": decoded, "said": digests, "verified": verified}))


def _verified(run: Path) -> str:
    """The factors by verifier/verify.py."""
    verify = verifier()
    record, _ = verify.record_of(run)
    frames = verify.frames_of((run / "transcript.bin").read_bytes())
    return verify.decode(frames, verify.weights_of(run, record, None), verify.Terms(record))[1]


def _factors(run: Recorded, threads: int) -> str:
    """With so many threads of BLAS; with one by the kernel, if it is built, with more in numpy."""
    scenario = replace(run.scenario, game=replace(run.scenario.game, threads=threads))
    with nullcontext() if threads == 1 else in_numpy():
        return listen(replace(run, scenario=scenario), frames_of(run), strict=False).factors


if __name__ == "__main__":
    main(Path(sys.argv[1]))
