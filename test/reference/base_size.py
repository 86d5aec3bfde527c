"""Base size: the default configuration (7 x 512 convolutions, 12 layers of 768), seeded weights, 1 s and 5 s of audio.

The checkpoint itself (378 MB) is not kept: `reference_weights.tensor_values` makes every tensor from its name and shape
alone. In its file, base tensors have the prefix `unispeech.` and the positional weights are named
`unispeech.encoder.pos_conv_embed.conv.weight_g` and `…weight_v`. The golden's metadata has, under `checkpoint`, what a
second writer can check itself with: the number of tensors and of bytes, one SHA-256 over all tensors' little-endian
float32 bytes in the order of their sorted file names, and the first four values of three tensors.
"""

import hashlib
from pathlib import Path

import torch
from transformers import UniSpeechConfig, UniSpeechForCTC

from golden_file import save_golden
from reference_weights import audio, fill, with_weight_norm_names

SECONDS = {"1s": 16000, "5s": 80000}
CHECKED_TENSORS = (
    "lm_head.weight",
    "unispeech.encoder.pos_conv_embed.conv.weight_v",
    "unispeech.feature_extractor.conv_layers.0.layer_norm.weight",
)
KEPT_STATES = (0, 1, 6, 12)


def describe_checkpoint(model: UniSpeechForCTC) -> dict:
    tensors = {with_weight_norm_names(name): tensor for name, tensor in model.state_dict().items()}
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(tensors[name].numpy().astype("<f4").tobytes())
    return {
        "tensorCount": len(tensors),
        "byteLength": sum(4 * tensor.numel() for tensor in tensors.values()),
        "sha256": digest.hexdigest(),
        "firstValues": {name: tensors[name].flatten()[:4].tolist() for name in CHECKED_TENSORS},
    }


@torch.no_grad()
def write_base_size(file: Path, versions: dict[str, str]) -> None:
    """For each length: `logits`, and rows 0, 100 … and the last of some outputs (`….rows` says which), batch of one."""
    config = UniSpeechConfig()
    config._attn_implementation = "eager"
    model = UniSpeechForCTC(config)
    fill(model)
    checkpoint = describe_checkpoint(model)
    model = model.double().eval()
    tensors = {}
    for run, sample_count in SECONDS.items():
        samples = torch.from_numpy(audio(sample_count, 0)).double()[None]
        out = model.unispeech(samples, output_hidden_states=True)
        frame_count = out.last_hidden_state.shape[1]
        rows = sorted({*range(0, frame_count, 100), frame_count - 1})
        tensors[f"{run}.logits"] = model.lm_head(out.last_hidden_state).float()
        tensors[f"{run}.rows"] = torch.tensor(rows, dtype=torch.int32)
        tensors[f"{run}.extract_features"] = out.extract_features[0, rows].float()
        for n in KEPT_STATES:
            tensors[f"{run}.hidden_states.{n}"] = out.hidden_states[n][0, rows].float()
    save_golden(tensors, file, {"checkpoint": checkpoint, **versions})
