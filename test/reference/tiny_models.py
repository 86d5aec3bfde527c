"""Saves each tiny model as a checkpoint folder, reads it back with transformers, and writes its expected outputs."""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from transformers import UniSpeechConfig, UniSpeechForPreTraining, UniSpeechForSequenceClassification

from golden_file import save_golden
from reference_weights import audio, fill, mix, with_weight_norm_names
from tiny_model_grid import MODELS, TinyModel


def save_checkpoint(name: str, spec: TinyModel, folder: Path) -> None:
    model = spec.architecture(UniSpeechConfig(**spec.config))
    fill(model, seed=f"{name}/")
    model.to(spec.file_dtype).save_pretrained(folder, max_shard_size=spec.max_shard_size)
    if spec.weight_norm_names:
        file = folder / "model.safetensors"
        tensors = {with_weight_norm_names(key): tensor for key, tensor in load_file(file).items()}
        save_file(tensors, file, metadata={"format": "pt"})


def load_float64(spec: TinyModel, folder: Path):
    """The checkpoint as transformers reads it, up-converted."""
    model, info = spec.architecture.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not info["missing_keys"] and not info["mismatched_keys"] and not info["unexpected_keys"], info
    return model.double().eval()


def padded_batch(sample_counts: tuple[int, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    samples = np.zeros((len(sample_counts), sample_counts[0]), np.float32)
    mask = np.zeros(samples.shape, np.int32)
    for item, count in enumerate(sample_counts):
        samples[item, :count] = audio(count, item)
        mask[item, :count] = 1
    return torch.from_numpy(samples), torch.from_numpy(mask)


@dataclass
class Golden:
    """Collects tensors under `run.output` names."""

    model: torch.nn.Module
    tensors: dict = field(default_factory=dict)

    @torch.no_grad()
    def record(self, run: str, input_values: torch.Tensor, attentions: bool = False, **inputs) -> None:
        samples = input_values.double()
        out = self.model.base_model(samples, output_hidden_states=True, output_attentions=attentions, **inputs)
        outputs = {"last_hidden_state": out.last_hidden_state, "extract_features": out.extract_features}
        outputs |= {f"hidden_states.{n}": state for n, state in enumerate(out.hidden_states)}
        if attentions:
            outputs |= {f"attentions.{n}": weights for n, weights in enumerate(out.attentions)}
        if self.model is not self.model.base_model:
            outputs |= self.head_outputs(samples, inputs)
        for name, tensor in outputs.items():
            assert tensor.isfinite().all(), f"{run}.{name}"
            self.tensors[f"{run}.{name}"] = tensor.float().contiguous().clone()


    def head_outputs(self, samples: torch.Tensor, inputs: dict) -> dict[str, torch.Tensor]:
        out = self.model(samples, **inputs)
        if isinstance(self.model, UniSpeechForPreTraining):
            states, quantized = out.projected_states, out.projected_quantized_states
            # The reference draws this mask and drops the logits.
            mask = self.tensors["mix_mask"].bool().unsqueeze(-1)
            return {
                "projected_quantized_states": quantized,
                "codevector_perplexity": out.codevector_perplexity,
                "mixed_logits": self.model.ctc_proj(torch.where(mask, quantized, states)),
            }
        config = self.model.config
        if not (isinstance(self.model, UniSpeechForSequenceClassification) and config.use_weighted_layer_sum):
            return {"logits": out.logits}
        config.tie_last_hidden_states = True
        classic = self.model(samples, **inputs).logits
        config.tie_last_hidden_states = None
        return {"logits": out.logits, "classic_logits": classic}


def frames_needed(config: UniSpeechConfig) -> int:
    """The shortest input that gives one frame, in samples."""
    samples = 1
    for kernel, stride in zip(config.conv_kernel[::-1], config.conv_stride[::-1], strict=True):
        samples = (samples - 1) * stride + kernel
    return samples


def write_golden(spec: TinyModel, folder: Path, versions: dict[str, str]) -> list[str]:
    golden = Golden(load_float64(spec, folder))
    config = golden.model.config
    input_values, attention_mask = padded_batch(spec.sample_counts)
    golden.tensors |= {"input_values": input_values, "attention_mask": attention_mask}
    batch_size = len(spec.sample_counts)
    base = golden.model.base_model
    frame_count = int(base._get_feat_extract_output_lengths(torch.tensor(input_values.shape[1])))
    if spec.architecture is UniSpeechForPreTraining:
        grid = np.stack([mix(np.arange(frame_count), 70 + item) > 0 for item in range(batch_size)])
        golden.tensors["mix_mask"] = torch.from_numpy(grid).int()
    golden.record("unmasked", input_values)
    golden.record("masked", input_values, attentions=True, attention_mask=attention_mask)

    frame_mask = base._get_feature_vector_attention_mask(frame_count, attention_mask)
    golden.tensors["masked.frame_mask"] = frame_mask.int()

    if spec.with_time_mask:
        grid = np.stack([mix(np.arange(frame_count), 7 + item) > 0.2 for item in range(batch_size)])
        mask_time_indices = torch.from_numpy(grid)
        golden.tensors["mask_time_indices"] = mask_time_indices.int()
        golden.record("time_masked", input_values, attention_mask=attention_mask, mask_time_indices=mask_time_indices)
    if spec.with_single_frame:
        golden.record("single_frame", input_values[:1, : frames_needed(config)].contiguous())
    save_golden(golden.tensors, folder / "golden.safetensors", {"about": spec.about, **versions})
    return sorted({name.split(".")[0] for name in golden.tensors if name.endswith(".last_hidden_state")})


def write_tiny_models(folder: Path, versions: dict[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    index = []
    for name, spec in MODELS.items():
        save_checkpoint(name, spec, folder / name)
        runs = write_golden(spec, folder / name, versions)
        index.append({"name": name, "architecture": spec.architecture.__name__, "runs": runs, "about": spec.about})
    (folder / "index.json").write_text(json.dumps(index, indent=2) + "\n")
