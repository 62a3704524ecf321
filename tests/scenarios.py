"""The scenarios of one game that come with the project, and what makes each a matter of seconds."""

import os
from pathlib import Path

from wlra_dist.scenario.toml import SWEEP, read_tables

CHECKOUT = Path(__file__).parents[1]
MNIST = Path(os.environ.get("WLRA_DIST_MNIST", CHECKOUT.parent / "shared" / "data" / "mnist"))
NO_MNIST = f"MNIST is not at {MNIST}"

NAMES = [
    path.stem
    for path in sorted((CHECKOUT / "scenarios").glob("*.toml"))
    if SWEEP not in read_tables(path)  # many games, and no record of them: see test_sweep.py
]
PLAYED = [name for name in NAMES if name != "mnist" or MNIST.exists()]

SMALLER = {
    "mnist": [f"data={MNIST}", "epochs=1", "hidden=16", "k=4"],
    "servers": ["n=200", "d=80", "s=16"],
    "two_party": ["images=100"],
    "quickstart": ["hidden=16"],
    "files": ["bounds=quick"],
    "comparison": ["n=200", "d=80"],
}


def file_of(name: str) -> Path:
    return CHECKOUT / "scenarios" / f"{name}.toml"


def settings(name: str) -> list[str]:
    """What a test changes, so that a play of the scenario is short."""
    return SMALLER.get(name, [])
