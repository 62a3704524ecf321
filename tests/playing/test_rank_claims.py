"""What a run says of rank(W) ≤ r, and what it promises where that is false."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.record.recorded_runs import figures, forge, record, refusal
from wlra_dist.commands.main import main
from wlra_dist.errors import Exit, VerificationError
from wlra_dist.linalg.modular import PRIME
from wlra_dist.protocols import NO_PROMISE, PROTOCOLS
from wlra_dist.record.audit import audit

N, D, K = 40, 32, 2


def weights(kind: str) -> np.ndarray:
    rng = np.random.default_rng(0)
    of_rank_3 = rng.integers(1, 4, (N, 3)) @ rng.integers(1, 4, (3, D))
    return {
        "mask": (rng.random((N, D)) < 0.8).astype(float),
        "full": rng.uniform(0.5, 2, (N, D)),
        "integers": of_rank_3.astype(float),
        "product": rng.uniform(0.1, 1, (N, 3)) @ rng.uniform(0.1, 1, (3, D)),
    }[kind]


def write(place: Path, kind: str, *keys: str, noise: float = 0.1) -> Path:
    """A game on files, A of rank K and a little more."""
    rng = np.random.default_rng(1)
    A = rng.standard_normal((N, K)) @ rng.standard_normal((K, D)) + noise * rng.standard_normal((N, D))
    np.save(place / "A.npy", A)
    np.save(place / "W.npy", weights(kind))
    path = place / "game.toml"
    lines = ['about = "a test"', "[instance]", 'kind = "files"', 'A = "A.npy"', 'W = "W.npy"', f"k = {K}", *keys]
    path.write_text("\n".join([*lines, "[game]", "servers = 2", "[protocol]", 'bounds = "quick"\n']))
    return path


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., Path]:
    """scenario(kind, keys): see `write`."""
    return partial(write, tmp_path)


@pytest.fixture(scope="module")
def refuted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a recorded run whose rank is refuted, and with its files."""
    place = tmp_path_factory.mktemp("refuted")
    record(write(place, "full"), [], place / "run")
    return place


def summary_of(capfd: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """What `wlra-dist run … --json` prints; exit code 0."""
    assert main(["run", *arguments, "--json"]) == Exit.OK
    return json.loads(capfd.readouterr().out)


@pytest.mark.parametrize(("kind", "noise"), [("mask", 0.1), ("full", 0.0)])
@pytest.mark.parametrize("protocol", [name for name in PROTOCOLS if name not in {*NO_PROMISE, "one_way"}])
def test_where_the_rank_is_refuted_nothing_is_proven_or_promised(
    scenario, capfd: pytest.CaptureFixture[str], protocol: str, kind: str, noise: float
):
    """The tail beyond rank rk is up to ∞ times OPT, which is 0 without noise: nobody may call it a bound."""
    run = summary_of(capfd, str(scenario(kind, noise=noise)), "--set", f"protocol={protocol}")
    assert (run["r"], run["rank_claim"], run["rank_off"]) == (1, "refuted", None)
    assert (run["lower_bound_opt"], run["lower_bound_by"], run["promise"]) == (None, "none", None)
    assert run["holds"] is None or (run["holds"] and run["loss"] <= 1e-20)


@pytest.mark.parametrize(("kind", "claim"), [("integers", "proven"), ("product", "near")])
def test_a_rank_that_is_left_out_is_found(scenario, capfd: pytest.CaptureFixture[str], kind: str, claim: str):
    run = summary_of(capfd, str(scenario(kind)))
    assert (run["r"], run["rank_claim"], run["holds"]) == (3, claim, True)
    assert (run["rank_off"] == 0) == (claim == "proven")
    assert run["lower_bound_opt"] > 0
    stated = summary_of(capfd, str(scenario(kind, "r = 3")))
    assert stated["digest"] == run["digest"]
    low = summary_of(capfd, str(scenario(kind, "r = 2")))
    assert low["rank_claim"] == "refuted"
    assert low["lower_bound_by"] in ("groups", "blocks") if claim == "proven" else low["lower_bound_opt"] is None


def test_a_refuted_rank_is_shown_and_said_everywhere(scenario, capfd: pytest.CaptureFixture[str], tmp_path: Path):
    path = str(scenario("full"))
    assert main(["run", path]) == Exit.OK
    printed = capfd.readouterr().out
    assert "rank(W) ≤ r = 1: REFUTED by a minor of order 2" in printed
    assert "nothing was promised" in printed
    assert main(["run", path, "--set", "sweep.epsilon=[0.1]"]) == Exit.OK
    assert "refuted" in capfd.readouterr().out
    assert main(["compare", path, "--protocols", "raw,one_round", "--out", str(tmp_path / "out")]) == Exit.OK
    printed = capfd.readouterr().out
    assert "no LB is proven; rank(W) ≤ r = 1: REFUTED" in " ".join(printed.split())
    assert "refuted" in (tmp_path / "out" / "comparison.csv").read_text()


@pytest.mark.parametrize("command", [["run"], ["run", "--set", "sweep.epsilon=[0.1, 0.2]"], ["compare"]])
def test_a_rank_that_is_required_must_not_be_refuted(scenario, capfd: pytest.CaptureFixture[str], command: list[str]):
    verb, *options = command
    assert main([verb, str(scenario("full")), *options, "--require-rank"]) == Exit.INPUT
    refused = capfd.readouterr().err
    assert "--require-rank expects rank(W) ≤ r = 1" in refused
    assert f"modulo {PRIME}" in refused
    assert refused.count("\n") == 1
    if verb == "run":
        assert main([verb, str(scenario("product")), *options, "--require-rank", "--json"]) == Exit.OK


CHANGES = {
    "another residue": lambda found: found.update(residue=found["residue"] % (PRIME - 1) + 1),
    "another row": lambda found: found["rows"].__setitem__(0, (found["rows"][0] + 1) % N),
    "a row twice": lambda found: found["rows"].__setitem__(0, found["rows"][1]),
    "no such row": lambda found: found["rows"].__setitem__(1, N),
    "rows too many": lambda found: found["rows"].append(N - 1),
    "another prime": lambda found: found.update(prime=7),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("with_A", [True, False])
def test_an_audit_computes_the_minor_again(refuted: Path, tmp_path: Path, change: str, with_A: bool):
    run = Path(shutil.copytree(refuted / "run", tmp_path / "run"))

    def edit(stated: dict[str, Any]) -> None:
        for place in (stated, stated["certificate"]):
            CHANGES[change](place["rank_refuted"])
        if not with_A:
            stated["public"]["instance"]["A"] = str(tmp_path / "gone.npy")

    forge(run, edit)
    error = refusal(lambda: list(audit(run)))
    assert isinstance(error, VerificationError)
    assert "rank_refuted" in str(error)


def test_an_audit_wants_a_minor_where_a_rank_is_called_refuted(refuted: Path, tmp_path: Path):
    assert len(figures(refuted / "run")["rank_refuted"]["rows"]) == 2
    assert any(line.startswith("certificate") and "bit for bit" in line for line in audit(refuted / "run"))
    run = Path(shutil.copytree(refuted / "run", tmp_path / "run"))

    def edit(stated: dict[str, Any]) -> None:
        stated["rank_refuted"] = stated["certificate"]["rank_refuted"] = None

    forge(run, edit)
    assert "rank_claim is refuted, and rank_refuted none" in str(refusal(lambda: list(audit(run))))
