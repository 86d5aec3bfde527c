"""Export the folder of a CTC checkpoint of any family to ONNX, so that ONNX Runtime can be timed on the same weights.

Run:
    python3 -m venv VENV && VENV/bin/pip install -r requirements.txt
    VENV/bin/python export_onnx.py IN_FOLDER OUT_FILE

Input `input_values` [batch, samples] float32, output `logits` [batch, frames, vocabulary] float32, both with dynamic
batch and length, no attention mask. The positional convolution's weight norm is folded. One file, except that weights
above ONNX's limit of 2 GB go to OUT_FILE.data. Ends with a comparison of ONNX Runtime's CPU logits with PyTorch's on
noise of other shapes than the traced one, and fails where they differ by more than 1e-4 of the largest logit.

Sources: transformers/models/*/modeling_*.py and torch/onnx, at the versions that requirements.txt pins.
"""

import argparse
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import transformers
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, remove_parametrizations
from transformers import AttentionInterface, AutoConfig, AutoModelForCTC, PreTrainedModel
from transformers.models.unispeech.modeling_unispeech import eager_attention_forward
from transformers.models.wavlm.modeling_wavlm import WavLMAttention

# The first version with a Gelu operator. Before it the exporter writes erf arithmetic that ONNX Runtime does not fuse.
OPSET = 20
# transformers makes no mask for an attention that it does not know. For the ones that it knows, a trace adds a mask of
# zeros in each layer (eager) or NaN checks (sdpa), which would slow the peer down for nothing.
ATTENTION = "eager_without_mask"
SINGLE_FILE_LIMIT_BYTES = 2_000_000_000
TOLERANCE = 1e-4
TRACED_SHAPE = (2, 16000)
CHECKED_SHAPES = ((1, 16000), (1, 24321), (3, 8000))


class Logits(nn.Module):
    """The model as a function of one tensor."""

    def __init__(self, model: PreTrainedModel):
        super().__init__()
        self.model = model

    def forward(self, input_values: torch.Tensor) -> torch.Tensor:
        return self.model(input_values).logits


def compute_bias_by_distance(self: WavLMAttention, query_length: int, key_length: int) -> torch.Tensor:
    """What WavLMAttention.compute_bias gives, [heads, frames, frames], from the bucket of each distance instead of each pair.

    ONNX Runtime has no WebGPU kernels for integers of 64 bits and makes the matrix of buckets on the CPU. Here only the list
    of distances 0, 1, …, n - 1, -n, …, -1 has them. Laid out n times in a row and read in rows of 2n - 1, it begins one
    place further to the left in each row: key - query.
    """
    steps = torch.arange(2 * query_length)
    distances = torch.where(steps < query_length, steps, steps - 2 * query_length)
    by_distance = self.rel_attn_embed(self._relative_positions_bucket(distances)).permute([1, 0])
    repeated = by_distance[:, None].expand(-1, query_length, -1).reshape(self.num_heads, -1)
    rows = repeated[:, : query_length * (2 * query_length - 1)].reshape(self.num_heads, query_length, -1)
    return rows[:, :, :key_length]


def load(folder: Path) -> Logits:
    AttentionInterface.register(ATTENTION, eager_attention_forward)
    WavLMAttention.compute_bias = compute_bias_by_distance
    # WavLM calls PyTorch's own attention and offers no other.
    attention = "eager" if AutoConfig.from_pretrained(folder).model_type == "wavlm" else ATTENTION
    model, info = AutoModelForCTC.from_pretrained(
        folder, dtype=torch.float32, attn_implementation=attention, output_loading_info=True
    )
    if info["missing_keys"]:
        raise SystemExit(f"{folder} is no {type(model).__name__} checkpoint: no {', '.join(sorted(info['missing_keys']))}")
    for module in model.modules():
        if is_parametrized(module, "weight"):
            remove_parametrizations(module, "weight")
    return Logits(model).eval()


def export(model: Logits, file: Path) -> None:
    byte_length = sum(parameter.nbytes for parameter in model.parameters())
    torch.onnx.export(
        model,
        (torch.zeros(TRACED_SHAPE),),
        file,
        input_names=["input_values"],
        output_names=["logits"],
        dynamic_shapes={"input_values": {0: torch.export.Dim("batch"), 1: torch.export.Dim("samples", min=400)}},
        opset_version=OPSET,
        dynamo=True,
        external_data=byte_length > SINGLE_FILE_LIMIT_BYTES,
        verbose=False,
    )


@torch.no_grad()
def check(model: Logits, file: Path) -> float:
    """The largest difference from PyTorch over the checked shapes, relative to the largest logit of each."""
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    noise = np.random.default_rng(0)
    worst = 0.0
    for shape in CHECKED_SHAPES:
        samples = noise.standard_normal(shape, dtype=np.float32)
        expected = model(torch.from_numpy(samples)).numpy()
        (found,) = session.run(["logits"], {"input_values": samples})
        if found.shape != expected.shape:
            raise SystemExit(f"{file}: logits of {shape} samples are {found.shape}, PyTorch's {expected.shape}")
        worst = max(worst, float(np.abs(found - expected).max() / np.abs(expected).max()))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("in_folder", type=Path, metavar="IN_FOLDER")
    parser.add_argument("out_file", type=Path, metavar="OUT_FILE")
    arguments = parser.parse_args()
    transformers.logging.disable_progress_bar()
    model = load(arguments.in_folder)
    export(model, arguments.out_file)
    difference = check(model, arguments.out_file)
    print(f"{arguments.out_file}: largest relative difference from PyTorch {difference:.1e}")
    if not difference <= TOLERANCE:
        raise SystemExit(f"more than {TOLERANCE:.0e}")


if __name__ == "__main__":
    main()
