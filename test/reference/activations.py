"""Every activation that a UniSpeech configuration can name and that has no parameters."""

from pathlib import Path

import torch
from transformers.activations import ACT2FN

from golden_file import save_golden

WITH_PARAMETERS = {"prelu", "xielu"}


def write_activations(file: Path, versions: dict[str, str]) -> None:
    """`x` and one tensor for each name, float32 [values], computed in float64 from float32 arguments."""
    coarse = torch.linspace(-40, 40, 641, dtype=torch.float64)
    near_zero = torch.linspace(-1, 1, 129, dtype=torch.float64) / 8
    x = torch.cat([coarse, near_zero]).float()
    tensors = {"x": x}
    for name in sorted(set(ACT2FN) - WITH_PARAMETERS):
        tensors[name] = ACT2FN[name](x.double()).float()
    save_golden(tensors, file, versions)
