"""Bits by direction: to the coordinator, from it, and between servers; and what all of them cost on a blackboard."""

from typing import TYPE_CHECKING

from wlra_dist.game.ledger import bits_by, charged

if TYPE_CHECKING:
    from wlra_dist.playing.play import Outcome


def links(outcome: "Outcome") -> dict[str, int]:
    """up_bits + down_bits + between_bits are the bits of the message-passing model, whatever the scenario's is."""
    from wlra_dist.playing.play import parties

    entries = outcome.account.entries
    hub = parties(outcome.scenario)[1].name
    up, down = (bits_by(entries, end).get(hub, 0) for end in ("receiver", "sender"))
    return {
        "up_bits": up,
        "down_bits": down,
        "between_bits": int(entries.bits.sum()) - up - down,
        "blackboard_bits": int(charged(entries, "blackboard").bits.sum()),
    }
