"""Bits by direction: to the coordinator, from it, and between servers; and what all of them cost on a blackboard."""

from typing import TYPE_CHECKING

from wlra_dist.game.ledger import charged

if TYPE_CHECKING:
    from wlra_dist.playing.play import Outcome


def links(outcome: "Outcome") -> dict[str, int]:
    """up_bits + down_bits + between_bits are the bits of the message-passing model, whatever the scenario's is."""
    from wlra_dist.playing.play import parties

    entries = outcome.account.entries
    hub = parties(outcome.scenario)[1].name
    up = sum(entry.bits for entry in entries if entry.receiver == hub)
    down = sum(entry.bits for entry in entries if entry.sender == hub)
    return {
        "up_bits": up,
        "down_bits": down,
        "between_bits": sum(entry.bits for entry in entries) - up - down,
        "blackboard_bits": sum(entry.bits for entry in charged(entries, "blackboard")),
    }
