"""Seeded weights and audio without a random number library.

Every element is a hash of its index and its tensor's name, in 32-bit unsigned arithmetic, so that any language can make
the same checkpoint bit for bit:

    mix(i, j)   h = (i + 1) * 2654435761  xor  (j + 1) * 40503
                twice: h ^= h >> 16, h *= 0x45d9f3b;  then h ^= h >> 16;  the value is h / 2^32 - 0.5
    fnv(name)   32-bit FNV-1a of the UTF-8 bytes
    element i of tensor `name`, with u = mix(i, fnv(name)), computed in float64 and rounded to float32:
        0.2 u                                   last part of the name is `bias`
        1 + 0.4 u                               last part is `weight` and the name contains `layer_norm`
        1 + 0.5 u                               last part is `weight_g`
        (u * 2) * sqrt(3 / elements per row)    two or more dimensions, but not `codevectors`: unit variance gain
        u                                       all others
    sample t of batch item b: 2 mix(t, 1000 + b)

`name` is the state-dict name without the `unispeech.` prefix and with `weight_g` / `weight_v`. A non-empty `seed` goes
in front of the name, so that models of equal shapes differ.
"""

import math

import numpy as np
import torch
from torch import nn

PARAMETRIZED_NAMES = {
    "parametrizations.weight.original0": "weight_g",
    "parametrizations.weight.original1": "weight_v",
}


def mix(indices: np.ndarray, stream: int) -> np.ndarray:
    """Hash each index to [-0.5, 0.5), float64."""
    stream_word = np.uint32((stream + 1) * 40503 & 0xFFFFFFFF)
    h = (indices.astype(np.uint32) + np.uint32(1)) * np.uint32(2654435761) ^ stream_word
    for _ in range(2):
        h ^= h >> np.uint32(16)
        h *= np.uint32(0x45D9F3B)
    h ^= h >> np.uint32(16)
    return h.astype(np.float64) / 2**32 - 0.5


def fnv(name: str) -> int:
    h = 2166136261
    for byte in name.encode():
        h = (h ^ byte) * 16777619 & 0xFFFFFFFF
    return h


def with_weight_norm_names(name: str) -> str:
    """`…parametrizations.weight.original0` is `…weight_g` in files of older PyTorch, and original1 is `…weight_v`."""
    for parametrized, plain in PARAMETRIZED_NAMES.items():
        name = name.replace(parametrized, plain)
    return name


def tensor_values(name: str, shape: tuple[int, ...], seed: str = "") -> np.ndarray:
    name = with_weight_norm_names(name).removeprefix("unispeech.")
    u = mix(np.arange(math.prod(shape)), fnv(seed + name))
    last = name.split(".")[-1]
    if last == "bias":
        values = 0.2 * u
    elif last == "weight" and "layer_norm" in name:
        values = 1 + 0.4 * u
    elif last == "weight_g":
        values = 1 + 0.5 * u
    elif len(shape) >= 2 and last != "codevectors":
        values = (u * 2) * math.sqrt(3 / math.prod(shape[1:]))
    else:
        values = u
    return values.astype(np.float32).reshape(shape)


@torch.no_grad()
def fill(model: nn.Module, seed: str = "") -> None:
    """Overwrite every parameter of a float32 model."""
    for name, parameter in model.named_parameters():
        parameter.copy_(torch.from_numpy(tensor_values(name, tuple(parameter.shape), seed)))


def audio(sample_count: int, item: int) -> np.ndarray:
    """Samples of batch item `item`, float32 in [-1, 1)."""
    return (2 * mix(np.arange(sample_count), 1000 + item)).astype(np.float32)
