"""Speech in noise: sentences that espeak-ng says in many voices, 16 kHz, the same wherever espeak-ng is the same."""

import io
import subprocess
import wave

import numpy as np

RATE = 16_000
FRAME = 512
SECONDS = 5

TEXTS = (
    "The quick brown fox jumps over the lazy dog.", "She sells sea shells by the shore.",
    "How much wood would a woodchuck chuck?", "A low rank matrix is a tall one times a wide one.",
    "Every bit that is sent is counted.", "Peter Piper picked a peck of pickled peppers.",
    "The rain in Spain stays mainly in the plain.", "Nobody expects a proof, but here it is.",
)  # fmt: skip

HELD_OUT = tuple(f"{accent}+{voice}" for accent in ("en-us", "en-gb") for voice in
                 ("m1", "m3", "m5", "m7", "f1", "f3", "f5", "croak"))  # fmt: skip
"""The sixteen voices of the evaluation."""

OBSERVED = tuple(f"{accent}+{voice}" for accent in ("en-us", "en-gb-scotland") for voice in
                 ("m2", "m4", "m6", "m8", "f2", "f4", "whisper", "klatt"))  # fmt: skip
"""Those of which inputs are observed."""


def clips(voices: tuple[str, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two clips a voice: (noisy samples, whether each frame has speech by the clean signal), clips×…"""
    rng = np.random.default_rng(seed)
    clean = np.stack([_placed(_spoken(voice, TEXTS[int(rng.integers(8))]), rng) for voice in voices for _ in range(2)])
    levels = np.sqrt(np.square(clean.reshape(len(clean), -1, FRAME)).mean(axis=2))
    speech = levels > 0.05 * levels.max(axis=1, keepdims=True)
    noise = np.stack([_coloured(clean.shape[1], rng) for _ in clean])
    ratios = rng.uniform(-5, 12, (len(clean), 1))
    loud = np.array([np.square(clip).mean() for clip in clean])[:, None] * 2.5
    return (clean + noise * np.sqrt(loud / 10 ** (ratios / 10))).astype(np.float32), speech


def _spoken(voice: str, text: str) -> np.ndarray:
    spoken = subprocess.run(["espeak-ng", "-v", voice, "--stdout", text], capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(spoken)) as stream:
        rate, samples = stream.getframerate(), np.frombuffer(stream.readframes(1 << 30), "<i2") / 2**15
    at = np.arange(0, len(samples) - 1, rate / RATE)
    return np.interp(at, np.arange(len(samples)), samples)


def _placed(speech: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Within silence, as loud as others."""
    clip = np.zeros(SECONDS * RATE // FRAME * FRAME)
    speech = speech[: len(clip) // 2]
    start = int(rng.integers(len(clip) - len(speech)))
    clip[start : start + len(speech)] = 0.05 * speech / np.sqrt(np.square(speech).mean())
    return clip


def _coloured(size: int, rng: np.random.Generator) -> np.ndarray:
    """Noise between white and pink, of energy 1 a sample."""
    spectrum = np.fft.rfft(rng.standard_normal(size)) / np.maximum(np.arange(size // 2 + 1), 20) ** rng.uniform(0, 0.5)
    noise = np.fft.irfft(spectrum, size)
    return noise / np.sqrt(np.square(noise).mean())
