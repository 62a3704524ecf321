#!/usr/bin/env python3
# fmt: off
"""Verifies a recorded run by docs/format.md alone: Python and numpy, and not a line of the package.

    python verify.py RUN [--A FILE] [--W FILE]

With A, which only servers have, loss and lower bound are computed anew, each less its own rounding; without it, what
was said is read, counted and rebuilt. Exit codes: VERIFIED 0, NOT VERIFIED 3, NOT CHECKED 4, no such file 2.
Sections are those of docs/format.md. A reader of a code takes Bits and public facts, and returns what was written.
"""

import argparse, hashlib, json, math, struct, sys, zipfile
from bisect import bisect_right
from contextlib import contextmanager
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

FORMAT = 4
U = 2.0**-53
LARGEST_TRANSCRIPT, LARGEST_FILE, LARGEST_MATRIX = 1 << 24, 1 << 28, 1 << 22

class DamageError(Exception): """Something is not as the format or the record says."""
class SilenceError(Exception): """Nothing is known to be wrong, and this cannot be checked here."""

def require(holds, sentence):
    if not holds: raise DamageError(sentence)
def silence(sentence): raise SilenceError(sentence)
def within(value, least, most):
    """The number, or array of numbers, if it is between these."""
    low, high = (value.min(initial=most), value.max(initial=least)) if isinstance(value, np.ndarray) else (value, value)
    require(least <= low and high <= most, f"numbers from {least} to {most} were due, {low} to {high} came")
    return value

# 2 Bits, the most significant first; every one of them belongs to a part of its message
class Bits:
    def __init__(self, payload, size):
        self.payload, self.size, self.at, self.parts, self.name, self.numbers = payload, size, 0, {}, "header", 0
        self.spread = np.unpackbits(np.frombuffer(payload, np.uint8))
    @contextmanager
    def part(self, name):
        outer, self.name = self.name, name
        yield
        self.name = outer
    def peek(self, at, width):
        """The bits from a position on as a number; beyond the end, zeros."""
        first, last = at // 8, -(-(at + width) // 8)
        piece = self.payload[first:last].ljust(last - first, b"\0")
        return int.from_bytes(piece, "big") >> (-(at + width) % 8) & ((1 << width) - 1)
    def skip(self, width):
        """Where the next bits begin, which are read herewith."""
        require(self.at + width <= self.size, f"{width} bits were due, {self.size - self.at} are left")
        self.parts[self.name] = self.parts.get(self.name, 0) + width
        self.at += width
        return self.at - width
    def uint(self, width): return self.peek(self.skip(width), width)
    def words(self, size, width):
        start, powers = self.skip(size * width), np.uint64(1) << np.arange(width, dtype=np.uint64)[::-1]
        rows = self.spread[start : start + size * width].reshape(size, width)
        return (rows * powers).sum(axis=1, dtype=np.uint64).astype(np.int64)
    def finish(self):
        require(self.at == self.size, f"{self.size - self.at} bits are left over")
        require(not self.spread[self.size :].any(), "the padding is not zero")
        self.parts = {name: width for name, width in self.parts.items() if width}

# 3 Numbers
def count(bits, most): return within(bits.uint(int(most).bit_length()), 0, int(most))
def indices(bits, size, below): return within(bits.words(size, max(below - 1, 0).bit_length()), 0, below - 1)
def integers(bits, size, bound):
    least = count(bits, 2 * bound) - bound
    return within(bits.words(size, count(bits, (2 * bound).bit_length())) + least, least, bound)
def natural(bits):
    zeros = 0
    while not bits.uint(1): zeros = within(zeros + 1, 1, 5)
    width = (1 << zeros) + bits.uint(zeros)
    return (1 << (width - 1)) + bits.uint(width - 1) - 1
def energy(bits):
    word = bits.uint(32)
    require(word < 0x7FF00000, "an energy was due")
    bits.numbers += 1
    return struct.unpack(">d", struct.pack(">Q", word << 32))[0]

GRID, ROOTS = 1 << 50, [1.0]
while len(ROOTS) < 32: ROOTS.append(ROOTS[-1] * math.sqrt(math.sqrt(math.sqrt(math.sqrt(math.sqrt(2.0))))))

def step(exponent): return np.ldexp(np.array(ROOTS)[np.mod(exponent, 32)], np.floor_divide(exponent, 32))
def exponent_of(bits): return count(bits, 64000) - 32000
def digits(bits, size, base):
    if base == 1 or (size <= 64 and base**size <= 1 << 64):
        number = count(bits, base**size - 1)
        return np.array([number // base**i % base for i in range(size)], np.int64)
    shift = max(base.bit_length() - 12, 0)
    high = -(-base >> shift)
    together = max(t for t in range(1, 13) if t == 1 or high**t <= 4096)
    runs = [(size // together, together), (int(size % together > 0), size % together)]
    coded = sum(number * (parts_of_bits(high**t) + 2) for number, t in runs)
    if size * (base - 1).bit_length() <= -(-coded // 256) + 2 + size * shift: return indices(bits, size, base)
    with block(bits) as coder:
        symbols = [(symbol, t) for number, t in runs for symbol in coder.many(number, uniform(high**t))]
    value = np.array([symbol // high**i % high for symbol, t in symbols for i in range(t)], np.int64)
    return within((value << shift) + bits.words(size, shift), 0, base - 1)
@lru_cache(4096)
def parts_of_bits(base): return (base**256 - 1).bit_length()
def spread(bits, size, most):
    low, high = count(bits, most), count(bits, most)
    return digits(bits, size, within(high - low, 0, most) + 1) + low

# 4 The range coder: 64 bits of state, probabilities over 2^24, words of 32 bits
class Block:
    def __init__(self, bits):
        self.bits, self.start, self.taken, self.empty = bits, bits.at, 64, True
        self.range, self.offset = (1 << 64) - 1, bits.peek(bits.at, 64)
    def symbol(self, table):
        unit = self.range >> 24
        found = bisect_right(table, self.offset // unit) - 1
        require(found < len(table) - 1, "an entropy-coded block came that its models rule out")
        self.offset, self.range = self.offset - unit * table[found], unit * (table[found + 1] - table[found])
        self.empty = False
        if self.range < 1 << 32:
            self.range, self.taken = self.range << 32, self.taken + 32
            self.offset = self.offset << 32 | self.bits.peek(self.start + self.taken - 32, 32)
        return found
    def many(self, size, table): return [0] * size if len(table) == 2 else [self.symbol(table) for _ in range(size)]
    def close(self):
        """A block is the shortest string of bits all of whose continuations lie in the interval."""
        low, spare = self.bits.peek(self.start, self.taken) - self.offset, self.range.bit_length() - 1
        spare -= (-(-low >> spare) + 1 << spare) > low + self.range
        width = 0 if self.empty else self.taken - spare
        ended = self.bits.peek(self.bits.skip(width), width)
        require(self.empty or ended == -(-low >> spare), "a block came that does not end where its symbols do")

@contextmanager
def block(bits):
    coder = Block(bits)
    yield coder
    coder.close()
@lru_cache(4096)
def uniform(size): return [i * ((1 << 24) // size) for i in range(size)] + [1 << 24]
def table_of(weights):
    """Cumulated masses of a model, from weights that are not negative and not all 0."""
    room, total = (1 << 24) - len(weights), 0.0
    for weight in weights: total += float(weight)
    require(total > 0, "a distribution without any weight came")
    masses = [math.floor(float(weight) * (room / total)) for weight in weights]
    masses[masses.index(max(masses))] += room - sum(masses)
    table = [0]
    for mass in masses: table.append(table[-1] + mass + 1)
    return table

# 5 Sets and histograms
def subset(bits, size, below):
    if below > 128:
        turned = 2 * size > below
        places = np.cumsum(gaps(bits, below - size if turned else size, below) + 1) - 1
        return np.setdiff1d(np.arange(below), places) if turned else places
    rank, found, place = count(bits, math.comb(below, size) - 1), [], below
    for chosen in range(size, 0, -1):
        place = next(p for p in range(place - 1, -1, -1) if math.comb(p, chosen) <= rank)
        rank -= math.comb(place, chosen)
        found.insert(0, place)
    return np.array(found, np.int64)
def gaps(bits, size, below):
    if not size: return np.zeros(0, np.int64)
    shift = max((below // size).bit_length() - 6, 0)
    reach = 16 * ((below // size >> shift) + 1)
    further = within(natural(bits), 0, below // (reach << shift))
    skip, powers = (below - size) / below, [1.0]
    for _ in range(shift): skip *= skip
    for _ in range(reach): powers.append(powers[-1] * skip)
    with block(bits) as coder:
        table = table_of([power * (1 - skip) for power in powers[:-1]] + powers[-1:])
        symbols = np.array(coder.many(size + further, table))
    ends = np.flatnonzero(symbols < reach)
    require(len(ends) == size and ends[-1] == len(symbols) - 1, f"{size} gaps were due")
    found = (np.diff(np.cumsum(symbols)[ends], prepend=0) << shift) + bits.words(size, shift)
    within(int(found.sum()), 0, below - size)
    return found
def cells_of(linear, parts):
    """The least number of each cell, and how many low bits are raw there."""
    octaves = [(within, octave - parts) for octave in range(linear, 62) for within in range(1 << parts)]
    first = [*range(1 << linear), *(((1 << parts) + within) << extra for within, extra in octaves)]
    return np.array(first), np.array([0] * (1 << linear) + [extra for _, extra in octaves])

COUNTS, CELLS = cells_of(5, 4), cells_of(7, 2)

def histogram(bits, alphabet):
    weights, size = np.zeros(alphabet, np.int64), count(bits, alphabet)
    occurring, (first, extra) = subset(bits, size, alphabet), COUNTS
    classes = spread(bits, size, 719)
    weights[occurring] = first[classes] + (1 << extra[classes] >> 1)
    return weights
def counted(bits, size, alphabet):
    if not bits.uint(1): return digits(bits, size, alphabet)
    table = table_of(histogram(bits, alphabet))
    with block(bits) as coder: return np.array(coder.many(size, table), np.int64)

# 6 Rows of integers, each at its own scale
@lru_cache(1)
def shipped():
    """The tables of docs/format.md, which lie beside this file."""
    with np.load(Path(__file__).with_name("tables.npz"), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
@lru_cache(256)
def mixture(shape, level, top):
    side, weights = np.zeros(max(184, top + 1)), shipped()["mixtures"][shape]
    for place in np.flatnonzero(weights):
        side[:184] += int(weights[place]) * shipped()["gaussians"][max(level + place - 14, 0)]
    return table_of([*side[top:0:-1], *side[: top + 1]])
def quantised(bits, rows, columns, bound):
    if not bits.uint(1):
        width = count(bits, bound.bit_length() + 1)
        value = bits.words(rows * columns, width)
        return within(value - ((value << 1) & (1 << width)), -bound, bound).reshape(rows, columns)
    size, value = count(bits, rows), np.zeros((rows, columns), np.int64)
    used = subset(bits, size, rows)
    if size and columns: value[used] = grouped(bits, size, columns, bound, 1 + count(bits, size - 1))
    return value
def grouped(bits, rows, columns, bound, together):
    group, value, cells = np.arange(rows) // together, *np.zeros((2, rows, columns), np.int64)
    groups = int(group[-1]) + 1
    shift = spread(bits, groups, bound.bit_length())[group]
    for raw in np.unique(shift).tolist():
        here = np.flatnonzero(shift == raw)
        value[here] = bits.words(len(here) * columns, raw).reshape(-1, columns) - (1 << raw >> 1)
    top = count(bits, bisect_right(CELLS[0], bound) - 1)
    if bits.uint(1): names, tables = np.zeros(groups, np.int64), {0: table_of(histogram(bits, 2 * top + 1))}
    else:
        names = 36 * spread(bits, groups, 41) + spread(bits, groups, 35)
        tables = {name: mixture(name // 36, name % 36, top) for name in np.unique(names).tolist()}
    with block(bits) as coder:
        for name, table in tables.items():
            here = np.flatnonzero(names[group] == name)
            cells[here] = np.array(coder.many(len(here) * columns, table)).reshape(-1, columns) - top
    first, extra = (of[np.abs(cells)] for of in CELLS)
    for width in np.unique(extra[extra > 0]).tolist():
        first[extra == width] += bits.words(int((extra == width).sum()), width)
    require((first <= (bound >> shift[:, None]) + 1).all(), f"integers of at most {bound} were due")
    return within(value + (np.sign(cells) * first << shift[:, None]), -bound, bound)

# 7 Columns of A
class Weights:
    """W, n×d; equal columns have equal `groups`, in their order; `rank` bounds its rank (section 1)."""
    def __init__(self, dense, groups, rank=1 << 30):
        self.dense, self.groups, self.rank, (self.n, self.d) = dense, groups, rank, dense.shape
    def block(self, columns): return Weights(self.dense[:, columns], self.groups[columns], self.rank)

class Places:
    """The support of W on chosen columns, column by column."""
    def __init__(self, W, S):
        self.support, groups = W.dense[:, S] > 0, W.groups[S]
        self.sizes = self.support.sum(axis=0)
        self.size, self.tallest = int(self.sizes.sum()), int(self.sizes.max(initial=0))
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.depth = np.arange(self.size) - np.repeat(self.starts, self.sizes)
        self.cells = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    def put(self, values):
        C = np.zeros(self.support.shape)
        C.T[self.support.T] = values
        return C
    def run(self, bits):
        first, stop = count(bits, self.tallest), count(bits, self.tallest)
        return first, within(stop, first, self.tallest)

def hull(bits, places, bound, likely):
    values = np.zeros(places.size, np.int64)
    with bits.part("support of C"):
        usual = 0, places.tallest if likely is None else min(likely, places.tallest)
        first, stop = usual if bits.uint(1) else places.run(bits)
    inside = (places.depth >= first) & (places.depth < stop)
    with bits.part("values of C"):
        binary, size = bits.uint(1), int(inside.sum())
        values[inside] = digits(bits, size, 1 + min(bound, 1)) if binary else spread(bits, size, 2 * bound) - bound
    return values
def row_patterns(bits, places, bound, _likely):
    cells = [places.starts[cell] + np.arange(places.sizes[cell[0]])[:, None] for cell in places.cells]
    values = np.zeros(places.size, np.int64)
    with bits.part("support of C"): used = [cell[subset(bits, count(bits, len(cell)), len(cell))] for cell in cells]
    with bits.part("values of C"):
        low, high = -count(bits, bound), count(bits, bound)
        base = high - low + 1
        for width in sorted({len(cell) for cell in places.cells}):
            where = np.concatenate([rows for rows in used if rows.shape[1] == width])
            if (width > 62 and base > 1) or base**width > 1 << 62:
                values[where] = spread(bits, where.size, high - low).reshape(where.shape) + low
                continue
            require(base > 1 or not len(where), "rows in use came without a value for them")
            pattern = digits(bits, len(where), max(base**width - 1, 1))
            pattern = pattern + (pattern >= -low * sum(base**i for i in range(width)))
            for i in range(width): values[where[:, i]] = pattern // base**i % base + low
    return values
def neighbours(bits, places, bound, _likely):
    (n, c), alphabet = places.support.shape, 2 * bound + 1
    C, seen, values = np.zeros((n, c), bool), np.zeros(n, np.int64), np.zeros(places.size, np.int64)
    with bits.part("support of C"):
        density = (count(bits, places.size) + 0.5) / (places.size + 1)
        weights = np.tile([1 - density, density], (8, 1))
        weights[0] *= 64
        likes = counted(bits, c, c + 1)
        require((likes <= np.arange(c)).all(), "a column came that is like one after it")
        with block(bits) as coder:
            for j, like in enumerate(likes.tolist()):
                support = places.support[:, j]
                context = (seen + 4 * (C[:, like - 1] if like else np.zeros(n, bool)))[support]
                used = np.zeros(len(context), bool)
                for number in np.unique(context).tolist():
                    used[context == number] = coder.many(int((context == number).sum()), table_of(weights[number]))
                weights += np.stack([np.bincount(context, ~used, 8), np.bincount(context, used, 8)], axis=1)
                C[support, j] = used
                seen = np.minimum(seen + C[:, j], 3)
    filled = C.T[places.support.T]
    with bits.part("values of C"):
        size = int(filled.sum())
        found = counted(bits, size, alphabet) if alphabet <= 4096 else spread(bits, size, alphabet - 1)
        values[filled] = found - bound
    return values
def turns(bits, places, bound, _likely):
    with bits.part("support of C"): first, stop = places.run(bits)
    values, cells = np.zeros(places.size, np.int64), [cell for cell in places.cells if len(cell)]
    def column(chosen):
        own = [places.starts[j] + np.arange(first, min(stop, places.sizes[j])) for j in chosen]
        return np.concatenate([np.zeros(0, np.int64), *own])

    with bits.part("values of C"):
        low, high = -count(bits, bound), count(bits, bound)
        signs = [*range(-(low < 0), 1 + (high > 0)), 2]
        weights = {sign: histogram(bits, high - low + 1) for sign in signs}
        tables = {sign: table_of(weights[sign]) for sign in signs if weights[sign].any()}
        with block(bits) as coder:
            for place in range(max(map(len, cells), default=0)):
                here = column([cell[place] for cell in cells if len(cell) > place])
                left = values[column([cell[place - 1] for cell in cells if len(cell) > place])] if place else here * 0
                for sign in (-1, 0, 1) if place else (2,):
                    own = here[np.sign(left) == sign] if place else here
                    require(sign in tables or not own.size, "an entry came beside one that has none beside it")
                    values[own] = np.array(coder.many(len(own), tables[sign])) + low if own.size else 0
    return values

def integer_columns(bits, W, S, bound, likely=None):
    places, modes = Places(W, S), [hull, row_patterns, neighbours] + ([turns] if bound <= 256 else [])
    if not places.size: return places.put(0)
    values = within(modes[which_of(bits, len(modes))](bits, places, bound, likely), -bound, bound)
    bits.numbers += 2 * int(np.count_nonzero(values))
    return places.put(values)
def set_of_places(bits, below, likely=None):
    if bits.uint(1):
        return np.arange(min(likely, below) if likely is not None and bits.uint(1) else count(bits, below))
    size = count(bits, below)
    return count(bits, below - size) + np.arange(size) if bits.uint(1) else subset(bits, size, below)
def column_set(bits, W, likely=None):
    if not bits.uint(1): return set_of_places(bits, W.d)
    seen, place = {}, np.zeros(W.d, np.int64)
    for j, group in enumerate(W.groups.tolist()): place[j] = seen[group] = seen.get(group, -1) + 1
    return np.flatnonzero(np.isin(place, set_of_places(bits, int(place.max(initial=-1)) + 1, likely)))

# 8 Trellis-coded matrices
def factor(bits, rows, columns):
    """(grid in sixteenths, v, scales, machine) of a matrix; rows and columns are hints of their scales."""
    n, d = len(rows), len(columns)
    if bits.uint(1):
        v = quantised(bits, d, n, GRID).T if bits.uint(1) else quantised(bits, n, d, GRID)
        return 16 * v, v, None, 0
    require(0 < n * d <= 1 << 18, "a matrix came trellis-coded whose shape does not allow it")
    number, added = bits.uint(1), []
    for size, other in ((n, d), (d, n)):
        unit = 1 if other >= 64 else 2 if other >= 12 else 4
        added.append(counted(bits, size, count(bits, 62) + 2) * unit if bits.uint(1) else np.zeros(size, np.int64))
    base, shape = count(bits, 255), count(bits, 3)
    scales = np.add.outer(rows + added[0], columns + added[1]).ravel()
    order = np.argsort(scales.max() - scales, kind="stable")
    level = np.maximum(scales - scales.max() + base, 0)[order]
    shift = np.clip(-((29 - level) // 4), 0, 40)
    level, raw, v = np.clip(level - 4 * shift, 0, 29), *np.zeros((2, n * d), np.int64)
    for width in np.unique(shift[shift > 0]).tolist():
        raw[shift == width] = bits.words(int((shift == width).sum()), width)
    top, moves, tables = within(natural(bits), 0, 511), shipped()[f"next_{number}"].tolist(), {}
    states = [0] * -(-n * d // 512)
    with block(bits) as coder:
        for i, (own, low, width) in enumerate(zip(level.tolist(), raw.tolist(), shift.tolist(), strict=True)):
            state = states[i % len(states)]
            key = 2 if state & 1 else min(state, 1), own
            if key not in tables:
                side = shipped()[f"masses_{number}"][shape][key][: top + 1].tolist()
                side += [0] * (top + 1 - len(side))
                tables[key] = table_of([*side[::-1], *side] if state & 1 else [0, *side[:0:-1], *side])
            index = (coder.symbol(tables[key]) - top - 1 << width) + low - (0 if state & 1 else 1 << width >> 1)
            v[i] = 2 * index + (state & 1)
            states[i % len(states)] = moves[state][index & 1]
    within(v, -GRID, GRID)
    centres = shipped()[f"points_{number}"][shape][level, np.minimum(np.abs(v), 4)]
    placed = np.empty((2, n * d), np.int64)
    placed[:, order] = np.where((np.abs(v) <= 4) & (shift == 0), np.sign(v) * centres, 16 * v), v
    return *placed.reshape(2, n, d), (*added, base, shape), number
def quarters(energies):
    share_of_two, power = np.frexp(np.maximum(energies, 1.0))
    return 2 * power + (share_of_two >= math.sqrt(0.5))

# 9 Forms: what a block's description is, and Ã
def rounded_factors(bits, W, terms):
    peaks = W.dense.max(axis=1, initial=0.0)
    order = np.argsort(-peaks, kind="stable")
    rows, whole = order[peaks[order] > 0], W.dense * ((1 << 20) / max(W.dense.max(initial=0.0), 1e-300))
    whole = np.floor(whole).astype(np.int64) ** 2
    c = count(bits, W.d)
    chosen = c if bits.uint(1) else 0
    with bits.part("column indices"): S = distinct(indices(bits, chosen, W.d))
    with bits.part("steps"):
        exponent = exponent_of(bits)
        finer = spread(bits, c, 1023) if bits.uint(1) else np.zeros(c, np.int64)
    with bits.part("values of C"):
        pixels = terms.grid and math.prod(terms.grid) == W.n <= 1 << 14 and bits.uint(1)
        if pixels: silence("nothing is known here of rows that travel as pixels")
        L = factor(bits, quarters(whole.sum(axis=1)[rows]), np.zeros(c, np.int64))
    with bits.part("coefficients"):
        sizes = quarters((np.minimum(np.abs(L[1]), 1 << 20) ** 2).sum(axis=0)) - finer * 4 // 32
        Y = factor(bits, sizes, quarters(whole.sum(axis=0))[others(S, W.d)])
    bits.numbers += L[1].size + Y[1].size
    left = np.zeros((W.n, c))
    left[rows] = L[0] * (step(exponent - finer) / 16)
    product = basis(left) @ (Y[0] * (step(exponent) / 16))
    return (S, exponent, finer, L, Y, None), reweighted(W, S, left, product, False, weighted=True)
def distinct(S):
    require(len(np.unique(S)) == len(S), "a column came twice")
    return S
def others(S, d): return np.setdiff1d(np.arange(d), S)
def basis(L):
    Q, R = np.linalg.qr(L)
    return Q * np.where(R.diagonal() < 0, -1.0, 1.0)
def reweighted(W, S, C, product, rounded, weighted=False):
    """Ã of a block: C on S, and W^{∘-1}∘product elsewhere; of `weighted` columns C is divided by W as well."""
    A, quotient, inverse_W = np.zeros((W.n, W.d)), np.ones(W.d, bool), np.zeros((W.n, W.d))
    A[:, S], A[:, others(S, W.d)], quotient[S] = C[:, : len(S)], product, weighted
    np.divide(A, W.dense, out=inverse_W, where=W.dense > 0)
    A = np.where(quotient, inverse_W, A)
    return np.rint(A) if rounded else A
def csc(C, columns, rows):
    """A sparse matrix as `factors` sums it up."""
    ends = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=C.shape[1]))])
    return "csc", C.shape, ends, rows, C[rows, columns]
def exact(bits, W, terms):
    with bits.part("column indices"): S = column_set(bits, W, terms.k)
    C = integer_columns(bits, W, S, terms.bound, terms.sparsity)
    shape = len(S), W.d - len(S)
    exponent, Y, rounded, product = 0, np.zeros(shape, np.int64), False, 0.0
    if bits.uint(1):
        rounded = bool(bits.uint(1))
        with bits.part("coefficients"): exponent, Y = exponent_of(bits), quantised(bits, *shape, GRID)
        require(Y.any(), "coefficients were announced, and all are 0")
        product = basis(W.dense[:, S] * C) @ (Y * step(exponent))
    bits.numbers += len(S) + Y.size
    value = S, csc(C, *np.nonzero(C.T)) if terms.sparse else C, exponent, Y, rounded
    return value, reweighted(W, S, C, product, rounded)

PRIME = (1 << 31) - 1

def times(L, R):
    """LR modulo PRIME, of residues."""
    return ((L >> 16) @ R % PRIME * 65536 + (L & 65535) @ R) % PRIME
def inverse(M):
    E = np.hstack([M, np.eye(len(M), dtype=np.int64)])
    for j in range(len(M)):
        pivot = j + int(np.argmax(E[j:, j] != 0))
        require(E[pivot, j], "columns and rows came that do not cross in a basis")
        E[[j, pivot]] = E[[pivot, j]]
        E[j] = E[j] * pow(int(E[j, j]), -1, PRIME) % PRIME
        rest = np.arange(len(M)) != j
        E[rest] = (E[rest] - np.outer(E[rest, j], E[j]) % PRIME) % PRIME
    return E[:, len(M) :]
def skeleton(bits, W, terms):
    with bits.part("column indices"): S = column_set(bits, W)
    with bits.part("row indices"): rows = subset(bits, within(len(S), 0, W.n), W.n)
    C, rest = integer_columns(bits, W, S, terms.bound), others(S, W.d)
    turned = Weights(W.dense[np.ix_(rows, rest)].T, np.arange(len(rows)))
    R = integer_columns(bits, turned, np.arange(len(rows)), terms.bound).T
    bits.numbers += len(S) + len(rows)
    left, right = ((V * M).astype(np.int64) % PRIME for V, M in ((W.dense[:, S], C), (turned.dense.T, R)))
    B = times(times(left, inverse(left[rows])), right)
    value = S, csc(C, *np.nonzero(C.T)) if terms.sparse else C, rows, R
    return value, reweighted(W, S, C, np.where(B > PRIME // 2, B - PRIME, B), False)
def plain(_bits, _W, _terms): silence("nothing is known here of blocks that came in the plain form")

# 10 The protocols
class Terms:
    """What is public of a game, and the forms that its blocks may have, in their order."""
    def __init__(self, record):
        game, protocol, stated = record["public"]["game"], record["public"]["protocol"], record["input"]
        self.n, self.d, self.k, self.r, self.sparse = (stated[name] for name in ("n", "d", "k", "r", "sparse"))
        self.name, self.m, self.seed, self.deal = protocol["name"], game["servers"], game["seed"], game["deal"]
        self.bound, self.sparsity = stated["bound"] if stated["integer"] else None, stated["sparsity"]
        self.grid, self.coded = stated.get("grid"), protocol["codec"] == "auto" and not protocol["columns"]
        factors = [] if self.sparse and self.bound is not None else [rounded_factors, rounded_factors]
        coded = [*factors, plain] if self.bound is None else [exact, *factors, plain, skeleton]
        self.forms = coded if self.coded else [plain]
        known = {"protocol": self.name in ("one_way", "one_round", "local_budget"),
                 "output": protocol["output"] == "coordinator", "weights": game["weights"] == "public"}
        for name, holds in known.items():
            if not holds: silence(f"nothing is known here of {name} {(protocol | game).get(name, self.name)}")
        least, extra = min(self.n, self.d), ((self.bound or 1, 1 << 53), (self.sparsity or 1, self.n))
        for size, most in ((self.k, least), (self.r, least), (self.m, self.d), *extra): within(size, 1, most)
    def hands(self):
        """The columns of each server."""
        order = np.arange(self.d)
        if self.deal != "in order": order = np.random.default_rng([self.seed, 2]).permutation(self.d)
        ends = [self.d * i // self.m for i in range(self.m + 1)]
        return [np.sort(order[first:stop]) for first, stop in pairwise(ends)]
    def messages(self):
        """For each its server, its label, its round, what reads it, and whether the coordinator hears it."""
        last, due = 1, []
        if self.name == "local_budget": last, due = 3, [("LB, residuals", 1, curve, True), ("loss", 2, share, False)]
        return [(i, *each) for each in [*due, ("C, X", last, description, True)] for i in range(self.m)]

def curve(bits, W, _terms):
    with bits.part("lower bound"): bound = energy(bits)
    with bits.part("residual curve"):
        entries, columns, first = count(bits, W.n), count(bits, min(W.n, W.d)), count(bits, 8000)
        drops = within(quantised(bits, 1, columns, 8000)[0], 0, 8000)
    heights = within(first - np.concatenate([[0], np.cumsum(drops)]), first - 4000, 8000)
    bits.numbers += 1 + len(heights)
    return (bound, entries, step((heights - 4000) * 8)), None
def share(bits, _W, _terms): return energy(bits), None
def which_of(bits, choices):
    return 0 if choices == 1 or bits.uint(1) else 1 + within(count(bits, choices - 2), 0, choices - 2)
def components(W):
    """Rows and columns of the parts into which the support of W falls, by their first column."""
    support, found, left = W.dense > 0, [], (W.dense > 0).any(axis=0)
    while left.any() and len(found) < 65:
        columns, before = np.arange(W.d) == np.argmax(left), 0
        while columns.sum() > before:
            before, rows = columns.sum(), support[:, columns].any(axis=1)
            columns = support[rows].any(axis=0)
        found.append((np.flatnonzero(rows), np.flatnonzero(columns)))
        left &= ~columns
    return found
def description(bits, W, terms):
    forms, places = terms.forms, components(W) if terms.coded else []
    which = which_of(bits, len(forms) + 2 * (1 < len(places) <= 64))
    if which < len(forms):
        value, A = forms[which](bits, W, terms)
        return (which, value), A
    found, A, common = [], np.zeros((W.n, W.d)), which_of(bits, len(forms)) if which == len(forms) else None
    for rows, columns in places:
        own, here = which_of(bits, len(forms)) if common is None else common, np.ix_(rows, columns)
        value, A[here] = forms[own](bits, Weights(W.dense[here], W.groups[columns], W.rank), terms)
        found.append((own, value))
    return (which, tuple(found)), np.rint(A) if any(value[-1] is True for _, value in found) else A
def decode(frames, W, terms):
    """(rows of the ledger, SHA-256 of the factors, Ã) of a transcript."""
    rows, sums, A, due = [], hashlib.sha256(), np.zeros((terms.n, terms.d)), terms.messages()
    if terms.name == "local_budget" and len(frames) != len(due): silence("played as another protocol (section 10)")
    require(len(frames) == len(due), f"{len(due)} messages were due, {len(frames)} came")
    hands = terms.hands()
    for number, (size, payload, checksum) in enumerate(frames):
        i, label, depth, read, to_coordinator = due[number]
        bits = Bits(payload, size)
        value, own = read(bits, W.block(hands[i]), terms)
        bits.finish()
        names = ("Alice", "Bob") if terms.name == "one_way" else (f"server {i + 1}", "coordinator")
        sender, receiver = names if to_coordinator else names[::-1]
        rows.append({"format": FORMAT, "step": number, "round": depth, "sender": sender, "receiver": receiver,
                     "label": label, "copy": 0, "parts": bits.parts, "numbers": bits.numbers, "checksum": checksum,
                     "bits": size, "wire_bytes": 32 + len(payload)})
        if to_coordinator: absorb(sums, value)
        if own is not None: A[:, hands[i]] = own
    return rows, sums.hexdigest(), A
def absorb(sums, value):
    if isinstance(value, tuple):
        sums.update(f"({len(value)}\0".encode())
        for item in value: absorb(sums, item)
    elif isinstance(value, np.ndarray):
        kind = {"b": "?", "i": "<i8", "f": "<f8"}[value.dtype.kind]
        sums.update(f"{kind} {value.shape} \0".encode() + np.ascontiguousarray(value, kind).tobytes())
    else: sums.update(f"{value!r}\0".encode())

# 1 The files of a run
CRC = []
for byte in range(256):
    for _ in range(8): byte = byte >> 1 ^ (byte & 1) * 0x82F63B78
    CRC.append(byte)

def crc32c(data):
    state = 0xFFFFFFFF
    for byte in data: state = state >> 8 ^ CRC[(state ^ byte) & 255]
    return state ^ 0xFFFFFFFF
def frames_of(data):
    found, at = [], 0
    while at < len(data):
        head = data[at : at + 32]
        require(head[28:] == crc32c(head[:28]).to_bytes(4, "big"), "the header of a frame is damaged")
        *fixed_part, number, size, checksum = struct.unpack(">4sBBHQQI", head[:28])
        require(fixed_part == [b"WLRA", 1, 1, 0] and number == len(found), "a frame is not in its place")
        payload = data[at + 32 : at + 32 + -(-size // 8)]
        require(len(payload) == -(-size // 8) and crc32c(payload) == checksum, f"message {number} is damaged")
        found.append((size, payload, checksum))
        at += 32 + len(payload)
    return found
def own_file(run, name, most=LARGEST_FILE):
    path = run / name
    require(path.is_file() and not path.is_symlink(), f"{name} is not there")
    return path.read_bytes() if path.stat().st_size <= most else silence(f"{name} is too large for this verifier")
def sum_of(value): return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
def array_sum(array):
    return hashlib.sha256(f"{array.dtype.str} {array.shape} ".encode() + array.tobytes()).hexdigest()

UNSEALED = {"seconds", "ranks", "fingerprint", "versions", "platform", "date", "files", "sizes", "checksum", "seal"}

def record_of(run):
    """record.json, whole by its two sums, and which of the files that it names are here, whole by theirs."""
    record = json.loads(own_file(run, "record.json", 1 << 25).decode())
    if record.get("format") != FORMAT: silence(f"the run is of format {record.get('format')}, this is of {FORMAT}")
    for name, left_out in (("checksum", {"checksum"}), ("seal", UNSEALED)):
        stated = {key: value for key, value in record.items() if key not in left_out}
        require(record[name] == sum_of(stated), f"record.json was changed: its {name} is that of another record")
    here = [name for name in record["files"] if (run / name).exists()]
    for name in here:
        data = own_file(run, name)
        found = len(data), hashlib.sha256(data).hexdigest()
        require(found == (record["sizes"][name], record["files"][name]), f"{name} was changed: its SHA-256 is another")
    return record, here
def arrays_of(path):
    with zipfile.ZipFile(path) as archive:
        require(all(member.compress_type == 0 for member in archive.infolist()), f"{path.name} is compressed")
    with np.load(path, allow_pickle=False) as file: return {name: file[name] for name in file.files}
def weights_of(run, record, path):
    """W, from weights.npz or from the file of the user's of which the record keeps the SHA-256."""
    stated, (n, d) = dict(record["weights"]), (record["input"]["n"], record["input"]["d"])
    if not 0 < n * d <= LARGEST_MATRIX: silence("W is too large for this verifier")
    digest, form, in_file = stated.pop("digest"), stated["form"], "sha256" in stated
    arrays = arrays_of(run / "weights.npz")
    require(digest == sum_of([stated, {name: array_sum(array) for name, array in arrays.items()}]), "W was changed")
    if in_file and path is None: silence("W is in a file of the user's: --W FILE")
    if in_file:
        require(hashlib.sha256(path.read_bytes()).hexdigest() == stated["sha256"], f"{path} is another W")
    if form == "BlockMask":
        groups = arrays["column_blocks"]
        W = Weights((arrays["row_blocks"][:, None] == groups).astype(float), groups)
    elif form == "LowRankWeights":
        dense, U, V = np.zeros((n, d)), arrays["U"], arrays["V"].astype(float)
        for number, v in enumerate(V): dense += np.multiply.outer(U[:, number], v)
        W = Weights(dense, np.unique(arrays["V"], axis=1, return_inverse=True)[1].ravel(), len(V))
    elif form == "DenseWeights" or in_file:
        name = record["public"]["instance"].get("W_name")
        W = Weights(matrix(path, name) if in_file else arrays["W"].astype(float), np.arange(d))
    else: silence(f"nothing is known here of weights of the form {form}")
    require(W.dense.shape == (n, d) and np.isfinite(W.dense).all() and (W.dense >= 0).all(), "W makes no weights")
    return W
def matrix(path, name=None):
    array = np.load(path, allow_pickle=False)
    array = array if isinstance(array, np.ndarray) else array[name or array.files[0]]
    require(array.ndim == 2 and array.dtype.kind in "biuf", f"{path} holds no matrix")
    return array.astype(float)

# 11 Loss and lower bounds, each with its own rounding
def norm(M):
    """At least ‖M‖_F."""
    return math.sqrt(math.fsum(np.square(M).ravel())) * (1 + 4 * U)
def tail_root(Y, k, rough):
    """At most √ of the energy beyond rank k of all matrices within `rough` of Y (Mirsky; the SVD is measured)."""
    if min(Y.shape) <= k: return 0.0
    left, values, right = np.linalg.svd(Y, full_matrices=False)
    m, whole = len(values), norm(Y)
    skew = [norm(V.T @ V - np.eye(m)) + (len(V) + 4) * 2 * U * m for V in (left, right.T)]
    off = norm(Y - (left * values) @ right) + (m + 4) * 2 * U * (math.sqrt(m) + 1) * whole
    stretch = math.prod(math.sqrt(max(0.0, 1 - each)) for each in skew)
    return max(0.0, math.sqrt(math.fsum(values[k:] ** 2)) * stretch * (1 - 8 * U) - off - rough)
def tail_bound(A, W, r, k):
    """Woodruff & Yasuda, Lemma 2.1: W is of the rank that its structure has, up to the rounding of a product UV."""
    groups = len(np.unique(W.groups))
    B, rank, off = W.dense * A, min(groups, W.rank), 0.0 if groups <= W.rank else (W.rank + 2) * 2 * U
    root = tail_root(B, rank * k, 2 * U * norm(B)) if rank <= r else 0.0
    return (max(0.0, root - off * norm(B)) / (1 + off)) ** 2 * (1 - 8 * U)
def group_bound(A, W, k):
    """Rows, or columns, of W that are nearly multiples of each other: a minorant p qᵀ of W∘W on each group."""
    best, squares = 0.0, np.square(W.dense)
    for M, S in ((A, squares), (A.T, squares.T)):
        groups, total = {}, 0.0
        for i in np.flatnonzero(S.any(axis=1)).tolist():
            groups.setdefault(np.round(S[i] / S[i].max(), 9).tobytes(), []).append(i)
        for rows in groups.values():
            q = S[max(rows, key=lambda i: S[i].max())]
            on = q > 0
            p = (S[rows][:, on] / q[on]).min(axis=1) * (1 - 8 * U)
            Y = np.sqrt(p)[:, None] * M[rows][:, on] * np.sqrt(q[on])
            total += tail_root(Y, k, 8 * U * norm(Y)) ** 2 * (1 - 8 * U)
        best = max(best, total * (1 - len(groups) * 2 * U))
    return best
def kept_terms(run):
    """By party what bounds.npz keeps: kinds of rows and of columns, powers, and terms (rows, columns, √p, √q, R)."""
    kept, found = arrays_of(run / "bounds.npz"), {}
    take = {name: 0 for name in kept}
    def next_of(name, size):
        take[name] += size
        return kept[name][take[name] - size : take[name]]
    columns = (kept[name] for name in ("party", "terms", "sides", "powers", "kept"))
    for party, terms, sides, powers, with_R in zip(*columns, strict=True):
        kinds, own = [next_of(name, side) for name, side in zip(("row_kinds", "column_kinds"), sides, strict=True)], []
        for _ in range(terms):
            a, b = int(next_of("heights", 1)[0]), int(next_of("widths", 1)[0])
            term = [next_of(name, side) for name, side in (("rows", a), ("columns", b), ("root_p", a), ("root_q", b))]
            own.append((*term, next_of("R", a * b).reshape(a, b) if with_R else np.zeros((a, b))))
        found[int(party)] = (*kinds, int(powers.sum()), np.ldexp(1.0, -powers), own)
    return found
PRESSED = 1 - 2.0**-36  # so that terms are below W∘W whatever was rounded
def multiplier_bound(A, W, k, rows, columns, power, scales, terms):
    """Terms p qᵀ that together are below W∘W, and multipliers R, on a row and a column of each kind (section 11)."""
    first, second = (np.unique(kinds, return_index=True)[1] for kinds in (rows, columns))
    again = np.ix_(np.searchsorted(rows[first], rows), np.searchsorted(columns[second], columns))
    for M in (A, W.dense):
        require(np.array_equal(M[np.ix_(first, second)][again], M), "rows or columns of one kind differ")
    A, weights = A[np.ix_(first, second)] * scales[0], W.dense[np.ix_(first, second)] * scales[1]
    squares = weights**2 * np.outer(np.bincount(rows), np.bincount(columns))
    M, sizes, covered, T = *np.zeros((3, *A.shape)), len(terms)
    for a, b, p, q, R in terms:
        here, root = np.ix_(a, b), np.outer(p, q) * PRESSED
        require(all((np.diff(side, prepend=-1) > 0).all() for side in (a, b)), "a term names a row or a column twice")
        for total, own in ((M, root * R), (sizes, np.abs(root * R)), (covered, root**2)): total[here] += own
    slack, on = squares - covered - (T + 8) * 16 * U * squares, covered > 0
    if not (slack[on] > 0).all(): return 0.0
    E = np.divide(M, squares, out=np.zeros(A.shape), where=on)
    off = np.abs(squares * E - M) + (T + 8) * 4 * U * (sizes + np.abs(squares * E))
    gains, losses = [math.fsum((squares * E * E).ravel())], [math.fsum(off[on] ** 2 / slack[on]) * (1 + 16 * U)]
    for a, b, p, q, R in terms:
        here, root = np.ix_(a, b), np.outer(p, q) * PRESSED
        rough = 16 * U * norm(root * (np.abs(A[here]) + np.abs(E[here])) + np.abs(R))
        gains.append(tail_root(root * (A - E)[here] + R, k, rough) ** 2)
        losses.append(norm(R) ** 2)
    return math.ldexp(max(0.0, math.fsum(gains) * (1 - 32 * U) - math.fsum(losses) * (1 + 8 * U)), 2 * power)
def lower_bound(A, W, terms, kept):
    """(value, which bound it is): the best of the whole, or the sum of the servers' own."""
    def best(A, W, party):
        found = multiplier_bound(A, W, terms.k, *kept[party]) if party in kept and kept[party][-1] else 0.0
        bounds = tail_bound(A, W, terms.r, terms.k), group_bound(A, W, terms.k), found
        return max(zip(bounds, ("tail", "groups", "multipliers"), strict=True))
    alone, hands = terms.m == 1, terms.hands()
    blocks = 0.0 if alone else sum(best(A[:, own], W.block(own), i + 1)[0] for i, own in enumerate(hands))
    order = np.concatenate(hands)
    return max(best(A[:, order], W.block(order), int(alone)), (blocks * (1 - terms.m * 2 * U), "blocks"))

# What is said in the end
def verify(run, A_file, W_file):
    """What to print."""
    record, here = record_of(run)
    terms, transcript = Terms(record), own_file(run, "transcript.bin", LARGEST_TRANSCRIPT)
    W = weights_of(run, record, W_file)
    rows, factors, found = decode(frames_of(transcript), W, terms)
    if "ledger.jsonl" in here:
        lines = own_file(run, "ledger.jsonl").decode().splitlines()
        require([json.loads(line) for line in lines] == rows, "ledger.jsonl does not have the rows of its transcript")
    check_figures(record, rows, transcript)
    missing = sorted(set(record["files"]) - set(here))
    lines = [f"run      format {FORMAT}, seal {record['seal']}", f"factors  {factors}",
             f"said     {record['bits']:,} bits in {len(rows)} messages", f"not here {', '.join(missing) or 'nothing'}"]
    if A_file is None:
        raise SilenceError("\n".join(["loss and lower bound need A (--A FILE); all else is as it should be", *lines]))
    A = np.where(W.dense > 0, matrix(A_file), 0.0)
    loss = math.fsum(np.square(W.dense * (A - found)).ravel())  # within 8U of itself: no term is negative
    noise = ((2.0**-43 * max(A.shape) + 2.0**-22 * (record["input"]["width"] == 32)) * norm(W.dense * A)) ** 2
    stated, of = record["loss"], record["lower_bound_opt"] or 0.0
    twice = record["certificate"]["loss"], record["certificate"]["lower_bound_opt"]
    require(twice == (stated, of), "loss and lower bound are stated twice, and differ")
    require(abs(loss - stated) <= 2.0**-30 * loss + noise, f"the loss is {loss!r}, the record says {stated!r}")
    bound, how = lower_bound(A, W, terms, kept_terms(run) if "bounds.npz" in here else {})
    if of > bound * (1 + 2.0**-30) + noise:
        named, word = record["lower_bound_by"] in ("tail", "groups"), f"the record's lower bound {of!r}"
        raise (DamageError if named else SilenceError)(f"{word}: what can be proven here is {bound!r}")
    ratio = f"{loss * (1 + 8 * U) / bound:.9g}" if bound else "unknown"
    ratio = "1, exact" if not loss else "no more than rounding" if loss <= noise else ratio
    lines += [f"loss     {loss!r}", f"bound    OPT ≥ {bound!r} by {how}", f"ratio    {ratio}"]
    return "\n".join(["VERIFIED", *lines])
def check_figures(record, rows, transcript):
    due = {"digest": hashlib.sha256(transcript).hexdigest(), "messages": len(rows), "wire_bytes": len(transcript),
           "bits": sum(row["bits"] for row in rows), "rounds": max(row["round"] for row in rows)}
    for name in ("label", "sender", "receiver"):
        values = {row[name] for row in rows}
        due[f"bits_by_{name}"] = {value: sum(row["bits"] for row in rows if row[name] == value) for value in values}
    names = {name for row in rows for name in row["parts"]}
    due["bits_by_part"] = {name: sum(row["parts"].get(name, 0) for row in rows) for name in names}
    for name, value in due.items():
        require(record[name] == value, f"{name} is {value}, the record says {record[name]}")
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("--A", type=Path, metavar="FILE", help="n×d, .npy or .npz of one array")
    parser.add_argument("--W", type=Path, metavar="FILE", help="where the record keeps a SHA-256 alone")
    options = parser.parse_args()
    gone = [path for path in (options.A, options.W, options.run / "record.json") if path and not path.is_file()]
    if gone: parser.error(f"{gone[0]} is no file")
    try:
        with np.errstate(all="ignore"): print(verify(options.run, options.A, options.W))
        return 0
    except SilenceError as unknown:
        print(f"NOT CHECKED: {unknown}")
        return 4
    except (DamageError, MemoryError) as damage:
        print(f"NOT VERIFIED: {damage}")
    except Exception as error:  # whatever a damaged run makes numpy, json or zipfile say
        print(f"NOT VERIFIED: the run makes no sense ({type(error).__name__}: {error})")
    return 3

if __name__ == "__main__": sys.exit(main())
