"""What is said of a small model: a tensor's form is its blocks', or that it is another tensor."""

import pytest

from wlra_dist.models.container import Block, TensorEntry
from wlra_dist.report.tables.model import LEAST_NAME, model_facts, model_table, tensor_facts


def entry(*forms: str, **others: object) -> TensorEntry:
    blocks = tuple(Block(form, k, rows=5, nbytes=100, checksum=0) for k, form in enumerate(forms))
    return TensorEntry("layer.weight", "F32", (5 * len(forms), 8), blocks=blocks, **others)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("given", "form", "rank"),
    [
        (entry("exact"), "exact", None),
        (entry("low rank", "low rank"), "low rank", 1),
        (entry("exact", "half", "low rank"), "several", 2),
        (entry(same_as="embed"), "= embed", None),
    ],
)
def test_the_form_of_a_tensor(given: TensorEntry, form: str, rank: int | None):
    facts = tensor_facts(given)
    assert (facts["form"], facts["rank"], facts["blocks"]) == (form, rank, len(given.blocks))


def test_lines_fit_and_names_are_cut_in_their_middle():
    entries = [entry("low rank + rest", loss=0.5, bound=0.25), entry(same_as="layer.weight")]
    title, *lines = model_table(model_facts(entries, 180), 80)
    assert title.startswith("2 tensors → 180 B (")
    assert all(len(line) <= 80 for line in lines)
    assert lines[1].split()[:2] == ["layer.weight", "rank+rest"]
    assert "2.000" in lines[1]
    narrow = list(model_table(model_facts(entries, 180), 40))
    assert all(line[:LEAST_NAME].strip() for line in narrow[1:])
