"""Writes golden tensors the same way each time."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file


def save_golden(tensors: dict[str, torch.Tensor], file: Path, about: dict) -> None:
    """The description is one JSON text under the key `golden`, since safetensors writes several keys in any order."""
    save_file(tensors, file, metadata={"golden": json.dumps(about)})
