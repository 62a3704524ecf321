"""docs/format.md, the package and the verifier say the same: its constants, and the codes by their test vectors."""

import ast
import json
import re
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from benchmarks.codes.vectors import vectors
from tests.record.verifying import CHECKOUT, FILE, verifier
from wlra_dist.codecs.base import grid
from wlra_dist.codecs.base.codec import decode
from wlra_dist.codecs.columns import neighbours, turns
from wlra_dist.codecs.entropy import entropy, histogram, mixtures, subset
from wlra_dist.codecs.trellis import lattice, machine, scales, tables
from wlra_dist.errors import InputError
from wlra_dist.forms import rounded_code
from wlra_dist.forms.by_component import MOST as MOST_COMPONENTS
from wlra_dist.game import frame
from wlra_dist.linalg import modular
from wlra_dist.models import coded, container
from wlra_dist.protocols.one_round import residual_curve
from wlra_dist.record.files import format as formats
from wlra_dist.record.files.format import FORMAT
from wlra_dist.record.replay import replay

PAGE = (CHECKOUT / "docs" / "format.md").read_text(encoding="utf-8")

STATED = {name: int(value) for name, value in re.findall(r"^\| `([A-Z_]+)` \| (-?\d+) \|", PAGE, re.MULTILINE)}

PLACES: dict[str, tuple[ModuleType, str]] = {
    "FORMAT": (formats, "FORMAT"),
    "FRAME_VERSION": (frame, "_VERSION"),
    "PRECISION": (entropy, "PRECISION"),
    "RANKED": (subset, "_RANKED"),
    "FINENESS": (grid, "FINENESS"),
    "LEAST_EXPONENT": (grid, "LEAST"),
    "GRID_BOUND": (grid, "GRID_BOUND"),
    "LARGEST_CLASS": (histogram, "_MOST_CLASS"),
    "LEVELS": (mixtures, "LEVELS"),
    "TRELLIS_LEVELS": (tables, "LEVELS"),
    "LARGEST_TRELLIS": (lattice, "LARGEST"),
    "LARGEST_INDEX": (lattice, "MOST"),
    "MOST_RAW": (scales, "MOST_RAW"),
    "WIDEST": (scales, "WIDEST"),
    "HIGHEST": (scales, "HIGHEST"),
    "FINEST": (rounded_code, "FINEST"),
    "LARGEST_TURNS": (turns, "LARGEST_BOUND"),
    "LARGEST_ALPHABET": (neighbours, "_LARGEST_ALPHABET"),
    "PRIME": (modular, "PRIME"),
    "CURVE_DROP": (residual_curve, "_DROP"),
}
"""Where the package has the constants of the page."""

OURS = {name: getattr(module, own) for name, (module, own) in PLACES.items()} | {
    "SHAPES": len(mixtures.SHAPES),
    "RUN": machine.EIGHT.run,
    "MOST_COMPONENTS": MOST_COMPONENTS,
}

VECTORS = CHECKOUT / "tests" / "vectors"
CODES = json.loads((VECTORS / "codes.json").read_text(encoding="utf-8"))
VERIFY = verifier()


def test_the_page_states_the_constants_of_the_package() -> None:
    assert STATED == OURS
    assert (VERIFY.FORMAT, VERIFY.GRID, VERIFY.PRIME) == (FORMAT, grid.GRID_BOUND, modular.PRIME)


def test_the_page_states_the_versions_of_model_files() -> None:
    words = " ".join(PAGE.split())
    assert f"the format, {container.FORMAT}, and the version of the codes, {coded.CODE}, two bytes each" in words
    assert container.MAGIC.hex(" ").upper() in words


def test_the_page_states_the_eight_states() -> None:
    rows = re.findall(r"^\| (\d) \| (\d) \| (\d) \|$", PAGE, re.MULTILINE)
    assert [[int(one), int(other)] for _, one, other in rows] == machine.EIGHT.next.tolist()


def test_the_tables_beside_the_verifier_are_the_packages() -> None:
    with np.load(FILE.with_name("tables.npz"), allow_pickle=False) as shipped:
        for number in (0, 1):
            ours = tables.tables(number)
            assert np.array_equal(shipped[f"masses_{number}"], ours.masses)
            assert np.array_equal(shipped[f"points_{number}"], ours.points)
            assert np.array_equal(shipped[f"next_{number}"], machine.MACHINES[number].next)
        gaussians, weights = shipped["gaussians"], shipped["mixtures"]
    for shape, level in ((0, 20), (1, 3), (len(weights) - 1, mixtures.LEVELS - 1)):
        due = np.zeros(gaussians.shape[1])
        for place in np.flatnonzero(weights[shape]).tolist():
            due += int(weights[shape, place]) * gaussians[max(level + place - 14, 0)]
        assert np.array_equal(due, mixtures.masses()[shape, level])
    found = [{place - 14: int(w) for place, w in enumerate(row) if w} for row in weights]
    assert found == list(mixtures.SHAPES)


@pytest.mark.parametrize("number", range(len(CODES)))
def test_a_code_is_read_as_the_vector_says(number: int) -> None:
    vector = CODES[number]
    payload, size, due = bytes.fromhex(vector["payload"]), vector["bits"], np.array(vector["value"])
    _, _, code, _ = list(vectors())[number]
    found: Any = decode(code, payload, size)[0]
    assert np.array_equal(getattr(found, "v", found), due)
    bits = VERIFY.Bits(payload, size)
    again = _read(vector["code"], vector["facts"], bits)
    assert np.array_equal(again, due)
    bits.finish()


def _read(name: str, facts: list[Any], bits: Any) -> Any:
    """What the verifier reads."""
    if name == "factor":
        return VERIFY.factor(bits, *map(np.array, facts))[1]
    if name == "integer_columns":
        W = VERIFY.Weights(np.array(facts[0]), np.array(facts[1]))
        return VERIFY.integer_columns(bits, W, np.arange(W.d), facts[2])
    return getattr(VERIFY, name)(bits, *facts)


def test_vectors_are_those_of_today() -> None:
    from benchmarks.codes.vectors import listed

    assert [{**each, "value": None} for each in listed()] == [{**each, "value": None} for each in CODES]


def test_the_verifier_is_one_file_of_python_and_numpy_that_shares_no_line_with_the_package() -> None:
    source = FILE.read_text(encoding="utf-8")
    assert source.count("\n") <= 800
    names = {node.module if isinstance(node, ast.ImportFrom) else alias.name
             for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)
             for alias in node.names}  # fmt: skip
    assert {str(name).split(".")[0] for name in names} <= {*sys.stdlib_module_names, "numpy"}
    files = (CHECKOUT / "wlra_dist").rglob("*.py")
    package = {line.strip() for file in files for line in file.read_text("utf-8").split("\n")}
    shared = {line.strip() for line in source.split("\n") if len(line.strip()) > 40} & package
    assert not shared


@pytest.mark.parametrize("former", range(1, FORMAT))
def test_a_run_of_a_former_format_is_named(former: int) -> None:
    run = VECTORS / "formats" / str(former)
    with pytest.raises(InputError, match=f"expected format {FORMAT}, but found format {former}, an older one"):
        replay(run)
    with pytest.raises(VERIFY.SilenceError, match=f"the run is of format {former}"):
        VERIFY.record_of(run)


def test_there_is_a_run_of_every_former_format() -> None:
    assert sorted(path.name for path in (VECTORS / "formats").iterdir()) == [str(number) for number in range(1, FORMAT)]
