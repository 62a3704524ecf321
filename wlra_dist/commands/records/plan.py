"""`wlra-dist plan`: what a recorded game would take on a network, or what a model's tensors would get of a budget."""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from wlra_dist.commands.arguments import add_json, add_picture, add_plugins, check_picture, number_up_to, seconds, size
from wlra_dist.commands.models.compress import add_importance, importance_of
from wlra_dist.errors import Exit
from wlra_dist.playing.parties import parties
from wlra_dist.record.ledger import messages_of
from wlra_dist.record.read import read_run
from wlra_dist.report.screen import fitted
from wlra_dist.studies import network as model

EXAMPLE = "wlra-dist plan runs/quickstart --latency 50e-6 --bandwidth 1.25e9 --servers 1e3..1e6"

POINTS = 7
"""Numbers of servers in the table."""

LARGEST = 1e12  # servers, seconds or bytes a second: more is a slip of the hand


def declare(parser: argparse.ArgumentParser) -> None:
    about = "the directory that `wlra-dist run --out` made; with --bytes, a model"
    parser.add_argument("run", type=Path, metavar="RUN", help=about)
    parser.add_argument("--bytes", type=size, metavar="N", help="of MODEL: what each tensor would become within them")
    add_importance(parser)
    parser.add_argument("--latency", type=seconds, default=model.USUAL[0], metavar="S", help="one way (default 50e-6)")
    parser.add_argument(
        "--bandwidth",
        type=amount,
        default=model.USUAL[1],
        metavar="B",
        help="bytes/s of a link (default 1.25e9)",
    )
    parser.add_argument(
        "--overhead",
        type=seconds,
        default=model.USUAL[2],
        metavar="S",
        help="seconds to handle a message (default 5e-6)",
    )
    parser.add_argument("--late", type=seconds, metavar="S", help="mean seconds by which servers are late")
    parser.add_argument(
        "--servers", type=servers, default=(1e3, 1e6), metavar="A..B", help="from so many to so many (default 1e3..1e6)"
    )
    add_picture(parser, "it")
    add_json(parser)
    add_plugins(parser)


def run(options: argparse.Namespace) -> int:
    """Prints the plan; its exit code."""
    if options.bytes is not None:
        return _plan_model(options)
    check_picture(options.picture)
    facts = plan(options)
    if options.picture:
        from wlra_dist.report.pictures.network import draw

        draw(_title(facts), facts["plan"], facts["tree_pays_from"], options.picture)
    print(json.dumps(facts) if options.json else fitted("\n".join(_table(facts))))
    return Exit.OK


def _plan_model(options: argparse.Namespace) -> int:
    from wlra_dist.models.budget import thought_of
    from wlra_dist.models.compress import Goal, Order, weighed
    from wlra_dist.models.hands import OneHand
    from wlra_dist.models.sources import open_model
    from wlra_dist.report.tables.planned import planned_facts, planned_table

    order = Order(str(options.run), Goal(nbytes=options.bytes), importance_of(options))
    original = sum(tensor.nbytes for tensor in open_model(order.model).values())
    with TemporaryDirectory() as parts:
        pieces = weighed(order, Path(parts), OneHand())
    facts = planned_facts(pieces, thought_of(pieces, options.bytes), original)
    print(json.dumps(facts) if options.json else "\n".join(planned_table(facts)))
    return Exit.OK


def plan(options: argparse.Namespace) -> dict[str, Any]:
    """All figures, as JSON values."""
    recorded = read_run(options.run, plugins=options.plugin)
    hub = parties(recorded.scenario)[1].name
    rounds = model.rounds_of(messages_of(options.run, options.plugin), hub)
    network = model.Interconnect(options.latency, options.bandwidth, options.overhead, options.late or 0.0)
    low, high = options.servers
    counts = np.unique(np.geomspace(low, high, POINTS).round().astype(int)).tolist()
    return {
        "scenario": recorded.figures["scenario"], "protocol": recorded.figures["protocol"],
        "played_with": recorded.figures["servers"], "rounds": len(rounds), "network": network._asdict(),
        "plan": [_row(rounds, m, network) for m in counts], "tree_pays_from": model.tree_pays_from(rounds, network),
    }  # fmt: skip


def _row(rounds: list[model.Round], m: int, network: model.Interconnect) -> dict[str, Any]:
    tree, children = model.seconds_of_tree(rounds, m, network)
    return {
        "servers": m, "bytes": round(model.bytes_of_star(rounds, m)), "star": model.seconds_of_star(rounds, m, network),
        "tree": tree, "children": children, "board": model.seconds_of_board(rounds, m, network),
    }  # fmt: skip


def _title(facts: dict[str, Any]) -> str:
    links = f"{facts['network']['latency']:g} s and {facts['network']['bandwidth']:g} bytes/s a link"
    return f"{facts['scenario']}: {facts['protocol']}, {facts['rounds']} rounds, on {links}"


def _table(facts: dict[str, Any]) -> list[str]:
    heads = f"{'servers':>10}{'bytes':>18}{'passing, s':>12}{'tree, s':>12}{'children':>10}{'board, s':>12}"
    rows = [
        f"{row['servers']:>10,}{row['bytes']:>18,}{row['star']:>12.4g}{row['tree']:>12.4g}{row['children']:>10,}"
        f"{row['board']:>12.4g}"
        for row in facts["plan"]
    ]
    pays = facts["tree_pays_from"]
    ends = (
        "a tree of coordinators does not pay" if pays is None else f"a tree of coordinators pays from {pays:,} servers"
    )
    about = f"as each of {facts['played_with']:,} servers on average; what parties compute is not counted"
    return [_title(facts), f"each server says and hears as much {about}", heads, *rows, ends]


def amount(text: str) -> float:
    """A number above 0."""
    return number_up_to(LARGEST, text, f"a number above 0 and at most {LARGEST:g}")


def servers(text: str) -> tuple[float, float]:
    """A number of servers, or from so many to so many."""
    low, dots, high = text.partition("..")
    ends = amount(low), amount(high if dots else low)
    if not 1 <= ends[0] <= ends[1] <= model.MOST_SERVERS:
        raise argparse.ArgumentTypeError(f"expected numbers from 1 to {model.MOST_SERVERS:,} as 1e3..1e6, got {text!r}")
    return ends
