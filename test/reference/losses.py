"""Writes what the losses of PyTorch and of transformers are for small inputs.

CTC and cross-entropy are computed in float64 on float32 values. Pre-training is float32: so transformers takes its cosine similarities.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from torch.nn import functional as F
from safetensors.torch import load_file
from transformers import UniSpeechForPreTraining, Wav2Vec2Config, Wav2Vec2ForPreTraining
from transformers.models.wav2vec2.modeling_wav2vec2 import Wav2Vec2GumbelVectorQuantizer

from golden_file import save_golden
from reference_weights import audio, fill, fnv, mix

# name: frames, vocabulary, blank, frames of each item that count, labels of each item (-100 is padding)
CTC_CASES = {
    "plain": (12, 7, 0, (12, 9), ((1, 2, 3, -100), (4, 4, 2, 6))),
    "blank_not_first": (10, 5, 4, (10, 10, 7), ((0, 1, 2), (3, 3, 3), (1, -100, 0))),
    "empty_targets": (8, 4, 0, (8, 5), ((-100, -100), (-100, 2))),
    "no_alignment": (6, 5, 0, (6, 3, 4), ((1, 1, 1, 1), (1, 2, 3, 4), (1, 2, 3, 4))),
    "needs_every_frame": (7, 5, 0, (7, 7), ((1, 1, 1, 1), (2, 3, 2, 3))),
    "blank_as_label": (9, 5, 0, (9, 9, 9), ((1, 0, 2), (0, 0, -100), (2, 0, 2))),
    "no_frames": (5, 4, 0, (0, 0, 5), ((1, 2), (-100, -100), (1, 2))),
    "one_frame": (1, 4, 0, (1, 1), ((3, -100), (1, 2))),
}


def values(name: str, *shape: int, scale: float = 6) -> torch.Tensor:
    """Seeded float32 values in [-scale / 2, scale / 2)."""
    count = int(np.prod(shape))
    return torch.from_numpy((scale * mix(np.arange(count), fnv(name))).astype(np.float32).reshape(shape))


def ctc(golden: dict) -> None:
    for name, (frames, vocabulary, blank, frame_counts, rows) in CTC_CASES.items():
        logits = values(f"ctc.{name}", len(rows), frames, vocabulary)
        labels = torch.tensor(rows)
        is_label = labels >= 0
        case = {
            "logits": logits,
            "labels": labels.int(),
            "frame_counts": torch.tensor(frame_counts).int(),
            "blank": torch.tensor([blank]).int(),
        }
        # As in UniSpeechForCTC.forward.
        log_probs = F.log_softmax(logits.double(), dim=-1).transpose(0, 1)
        for reduction in ("none", "sum", "mean"):
            for zero_infinity in (False, True):
                loss = F.ctc_loss(
                    log_probs,
                    labels.masked_select(is_label),
                    torch.tensor(frame_counts),
                    is_label.sum(-1),
                    blank=blank,
                    reduction=reduction,
                    zero_infinity=zero_infinity,
                )
                case[f"{reduction}.{'zero' if zero_infinity else 'inf'}"] = loss.float()
        golden |= {f"ctc.{name}.{key}": tensor for key, tensor in case.items()}


def cross_entropy(golden: dict) -> None:
    for name, classes, labels in (("plain", 5, (3, 0, 4)), ("ignored", 3, (1, -100, 2)), ("one_class", 1, (0, 0))):
        logits = values(f"cross_entropy.{name}", len(labels), classes)
        loss = F.cross_entropy(logits.double(), torch.tensor(labels))
        golden |= {
            f"cross_entropy.{name}.logits": logits,
            f"cross_entropy.{name}.labels": torch.tensor(labels).int(),
            f"cross_entropy.{name}.loss": loss.float(),
        }


def pre_training(golden: dict) -> None:
    """The losses of a tiny wav2vec 2.0 model. Few codes, so that negatives equal their positives."""
    config = Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=24,
        conv_dim=(12, 12),
        conv_kernel=(10, 8),
        conv_stride=(5, 4),
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
        num_codevectors_per_group=5,
        num_codevector_groups=2,
        codevector_dim=8,
        proj_codevector_dim=6,
        contrastive_logits_temperature=0.2,
        diversity_loss_weight=0.3,
    )
    model = Wav2Vec2ForPreTraining(config).eval()
    fill(model, seed="losses/")
    samples = torch.from_numpy(np.stack([audio(400, item) for item in range(2)]))
    frames = int(model._get_feat_extract_output_lengths(400))
    masked = torch.from_numpy(np.stack([mix(np.arange(frames), 70 + item) > 0 for item in range(2)]))
    negatives = torch.from_numpy(
        np.stack([np.floor((mix(np.arange(frames * 4), 80 + item) + 0.5) * 2 * frames) for item in range(2)])
    ).reshape(2, frames, 4)
    logits = []
    model.quantizer.weight_proj.register_forward_hook(lambda *call: logits.append(call[2]))
    with torch.no_grad():
        out = model(samples, mask_time_indices=masked, sampled_negative_indices=negatives)
        whole = model(samples).codevector_perplexity
        # Training mode: only its perplexity, as its codes are drawn.
        model.quantizer.train()
        soft = model.quantizer(model.wav2vec2(samples).extract_features, masked)[1]
    quantized = out.projected_quantized_states
    others = quantized.view(-1, 6)[negatives.long().view(-1)].view(2, frames, 4, 6).permute(2, 0, 1, 3)
    assert (others == quantized).all(-1).any(), "no negative equals its positive"
    golden |= {
        "pre_training.projected_states": out.projected_states,
        "pre_training.projected_quantized_states": quantized,
        "pre_training.negative_features": others,
        "pre_training.contrastive_logits": model.compute_contrastive_logits(
            quantized[None], others, out.projected_states, 0.2
        ),
        "pre_training.mask_time_indices": masked.int(),
        "pre_training.sampled_negative_indices": negatives.int(),
        "pre_training.code_logits": logits[0],
        "pre_training.perplexity": whole,
        "pre_training.masked_perplexity": out.codevector_perplexity,
        "pre_training.soft_masked_perplexity": soft,
        "pre_training.contrastive_loss": out.contrastive_loss,
        "pre_training.diversity_loss": out.diversity_loss,
        "pre_training.loss": out.loss,
    }


class Projections(torch.nn.Module):
    """The two layers that UniSpeech puts behind its quantizer, as one that is asked for the type of its weight."""

    def __init__(self, model: UniSpeechForPreTraining):
        super().__init__()
        self.layers = torch.nn.Sequential(model.project_q, model.project_hid)
        self.weight = model.project_q.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def unispeech(golden: dict, folder: Path) -> None:
    """The loss of wav2vec 2.0 on the states of UniSpeech: that class's forward with the parts of the other."""
    model = UniSpeechForPreTraining.from_pretrained(folder, attn_implementation="eager").eval()
    config = model.config
    quantizer = Wav2Vec2GumbelVectorQuantizer(config).eval()
    quantizer.load_state_dict(model.quantizer.state_dict())
    parts = SimpleNamespace(
        config=config,
        wav2vec2=model.unispeech,
        project_hid=torch.nn.Identity(),
        dropout_features=torch.nn.Identity(),
        quantizer=quantizer,
        project_q=Projections(model),
        compute_contrastive_logits=Wav2Vec2ForPreTraining.compute_contrastive_logits,
    )
    inputs = load_file(folder / "golden.safetensors")
    samples = inputs["input_values"]
    batch, frames = inputs["masked.frame_mask"].shape
    masked = torch.from_numpy(np.stack([mix(np.arange(frames), 90 + item) > -0.1 for item in range(batch)]))
    draws = (mix(np.arange(batch * frames * 3), 95) + 0.5) * batch * frames
    negatives = torch.from_numpy(np.floor(draws)).reshape(batch, frames, 3)
    with torch.no_grad():
        out = Wav2Vec2ForPreTraining.forward.__wrapped__(
            parts, samples, mask_time_indices=masked, sampled_negative_indices=negatives
        )
        extract = model.unispeech(samples, mask_time_indices=masked).extract_features
        perplexity = model.quantizer(extract)[1]
        # What training makes of the same features: only the perplexity does not depend on noise.
        soft = model.quantizer.train()(extract)[1]
        quantizer.train()
        soft_masked = quantizer(extract, masked)[1]
    golden |= {
        "unispeech.mask_time_indices": masked.int(),
        "unispeech.sampled_negative_indices": negatives.int(),
        "unispeech.projected_states": out.projected_states,
        "unispeech.projected_quantized_states": out.projected_quantized_states,
        "unispeech.perplexity": perplexity,
        "unispeech.masked_perplexity": out.codevector_perplexity,
        "unispeech.soft_perplexity": soft,
        "unispeech.soft_masked_perplexity": soft_masked,
        "unispeech.contrastive_loss": out.contrastive_loss,
        "unispeech.diversity_loss": out.diversity_loss,
        "unispeech.loss": out.loss,
    }


def write_losses(file: Path, tiny: Path, versions: dict[str, str]) -> None:
    """`tiny` holds the tiny models."""
    golden: dict[str, torch.Tensor] = {}
    ctc(golden)
    cross_entropy(golden)
    pre_training(golden)
    unispeech(golden, tiny / "pre-training")
    save_golden({name: tensor.contiguous() for name, tensor in golden.items()}, file, versions)
