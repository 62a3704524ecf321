"""The figures of a record derived again: each follows from scenario, ledger, solution and certificate."""

from wlra_dist.agreement import agree
from wlra_dist.certificate import Certificate
from wlra_dist.errors import VerificationError
from wlra_dist.listening import HOSTILE, Heard
from wlra_dist.play import Outcome
from wlra_dist.record import RECORD
from wlra_dist.recorded import Recorded
from wlra_dist.report.summary import summary


def check_figures(run: Recorded, heard: Heard) -> int:
    """How many figures follow; VerificationError names the first that does not."""
    try:
        expected = summary(_outcome(run, heard))
    except HOSTILE as error:
        raise VerificationError(f"{RECORD}: no figures follow from what it claims: {error}") from error
    agree(RECORD, {key: run.figures[key] for key in expected if key in run.figures}, expected)
    return len(expected)


def _outcome(run: Recorded, heard: Heard) -> Outcome:
    """The run as it was, but for A: its certificate and checks are as claimed."""
    claims = run.claims
    return Outcome(
        scenario=run.scenario,
        instance=heard.instance,
        ranks=claims.ranks,
        account=heard.account,
        solution=heard.solution,
        certificate=Certificate(**claims.certificate),
        checks=claims.checks,
        # a server that hears what the coordinator said, which is checked, cannot but end up with the same
        copies=run.scenario.game.servers if run.scenario.protocol.output == "everyone" else 0,
        public_coins=heard.public_coins,
        seconds=claims.seconds,
    )
