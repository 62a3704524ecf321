"""A small model held against the model that it was made of: every tensor expanded, its loss computed again."""

from collections.abc import Iterator
from math import isclose

import numpy as np

from wlra_dist.errors import VerificationError
from wlra_dist.linalg.scale import centred
from wlra_dist.models.expand import LazyTensor
from wlra_dist.models.forms import EXACT, HALF, LOW_RANK
from wlra_dist.models.importance import PLAIN, Importance
from wlra_dist.models.shapes import as_matrix
from wlra_dist.models.sources import Model, Tensor
from wlra_dist.models.work import relative

ROUNDING = 1e-3
"""By which a loss may differ on another machine, and what five digits round off."""

FAINT = 1e-12
"""Losses of less than this are rounding."""

NOT_CHECKED = "not checked"


def audit(small: dict[str, LazyTensor], model: Model, importance: Importance) -> Iterator[str]:
    """A line a tensor; where losses were weighed by a file that is not given, the line begins with NOT_CHECKED.

    VerificationError names the first tensor that is not what the index says of it.
    """
    if small.keys() != model.keys():
        other = min(small.keys() ^ model.keys())
        raise VerificationError(f"{other} is in {'the model' if other in model else 'the small file'} alone")
    importance.check(model)
    for name, tensor in small.items():
        yield f"{name}: {_tensor(tensor, model[name], importance)}"


def _tensor(small: LazyTensor, tensor: Tensor, importance: Importance) -> str:
    if (small.kind, small.shape) != (tensor.kind, tensor.shape):
        there, here = (f"{each.kind.name} {list(each.shape)}" for each in (small, tensor))
        raise VerificationError(f"{tensor.name} is {there} in the small file, {here} in the model")
    forms, entry = {block.form for block in small.entry.blocks}, small.entry
    if forms == {EXACT}:
        if small.stored().tobytes() != tensor.all().tobytes():
            raise VerificationError(
                f"{tensor.name} is not the model's, and the small file says that it is kept exactly"
            )
        return "the same, bit for bit"
    if entry.norm not in (PLAIN, importance.kind_of(tensor)):
        small.check()
        return f"{NOT_CHECKED}: its loss is by {entry.norm}; give that file, too"
    loss, bound = _loss(small, tensor, importance if entry.norm != PLAIN else Importance(), HALF in forms)
    if not isclose(loss, entry.loss, rel_tol=ROUNDING, abs_tol=FAINT):
        raise VerificationError(f"{tensor.name} loses {loss:.5g} of its energy, the small file says {entry.loss:.5g}")
    if entry.bound and bound is not None and not isclose(bound, entry.bound, rel_tol=ROUNDING, abs_tol=FAINT):
        raise VerificationError(f"{tensor.name} has the bound {bound:.5g}, the small file says {entry.bound:.5g}")
    return f"loses {loss:.3g} of its energy, as the small file says"


def _loss(small: LazyTensor, tensor: Tensor, importance: Importance, is_half: bool) -> tuple[float, float | None]:
    """Loss and lower bound, computed again, over the tensor's energy."""
    stored, expanded = tensor.all(), small.stored()
    if is_half:
        A, power = centred(tensor.kind.floats(stored.reshape(-1)))
        error = A - np.ldexp(tensor.kind.floats(expanded.reshape(-1)), -power)
        return relative(float(np.square(error).sum()), float(np.square(A).sum())), None
    way, norms, start = small.entry.way, [], 0
    A, found = (as_matrix(tensor.kind.floats(each), way) for each in (stored, expanded))
    A, power = centred(A)
    for block in small.entry.blocks:
        rows = slice(start, start + block.rows) if len(small.entry.blocks) > 1 else slice(None)
        norms.append((block, rows, importance.norm(tensor, A[rows], way, rows)))
        start += block.rows
    energy = sum(norm.energy for _, _, norm in norms)
    loss = sum(norm.loss(norm.A - np.ldexp(found[rows], -power)) for _, rows, norm in norms)
    bounds = [norm.bound(block.k) if block.form == LOW_RANK else None for block, _, norm in norms]
    known = [bound for bound in bounds if bound is not None]
    return relative(loss, energy), relative(sum(known), energy) if len(known) == len(bounds) else None
