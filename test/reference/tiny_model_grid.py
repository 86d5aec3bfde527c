"""The tiny models: which options each one covers, how its file is written, and which runs it has."""

from dataclasses import dataclass

import torch
from transformers import (
    UniSpeechForCTC,
    UniSpeechForPreTraining,
    UniSpeechForSequenceClassification,
    UniSpeechModel,
)


@dataclass(frozen=True)
class TinyModel:
    about: str
    config: dict
    # Real samples of each batch item. The first is the length of the padded batch.
    sample_counts: tuple[int, ...]
    architecture: type = UniSpeechForCTC
    file_dtype: torch.dtype = torch.float32
    weight_norm_names: bool = False
    max_shard_size: str = "1GB"
    with_time_mask: bool = False
    with_single_frame: bool = False


def options(norm: str, stable: bool, **others) -> dict:
    """A small base configuration: 24 wide, 2 layers, 3 convolutions, post-norm or pre-norm."""
    return {
        "feat_extract_norm": norm,
        "do_stable_layer_norm": stable,
        "hidden_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 40,
        "conv_dim": (8, 12, 16),
        "conv_kernel": (10, 3, 2),
        "conv_stride": (5, 2, 2),
        "num_conv_pos_embeddings": 16,
        "num_conv_pos_embedding_groups": 4,
        "codevector_dim": 12,
        "num_codevectors_per_group": 6,
        "proj_codevector_dim": 10,
        "num_ctc_classes": 9,
        **others,
    }


# fmt: off
MODELS = {
    "group-postnorm": TinyModel(
        "group norm, post-norm, default activations, even positional kernel; a time-masked run",
        options("group", False, hidden_act="gelu", feat_extract_activation="gelu_python", num_hidden_layers=3),
        (420, 300),
        with_time_mask=True,
    ),
    "group-postnorm-odd-sizes": TinyModel(
        "group norm, post-norm, conv bias; no width is a multiple of 4; odd positional kernel",
        options(
            "group", False, hidden_act="relu", feat_extract_activation="gelu_new", conv_bias=True, hidden_size=18,
            num_attention_heads=3, intermediate_size=37, conv_dim=(7, 10, 5), num_conv_pos_embeddings=15,
            num_conv_pos_embedding_groups=2, vocab_size=12,
        ),
        (391, 170),
    ),
    "layer-stable": TinyModel(
        "layer norm, pre-norm, conv bias, one positional group for each two channels; a run of one frame",
        options(
            "layer", True, hidden_act="gelu_fast", feat_extract_activation="silu", conv_bias=True, hidden_size=32,
            num_conv_pos_embedding_groups=16, conv_dim=(12, 16, 20),
        ),
        (400, 333, 90),
        with_single_frame=True,
    ),
    "layer-stable-odd-kernel": TinyModel(
        "layer norm, pre-norm, no conv bias, short odd positional kernel, layer_norm_eps 1e-3, head size 6",
        options(
            "layer", True, hidden_act="mish", feat_extract_activation="hardswish", hidden_size=30,
            num_attention_heads=5, num_conv_pos_embeddings=5, num_conv_pos_embedding_groups=3, layer_norm_eps=1e-3,
            num_hidden_layers=3,
        ),
        (380, 201),
    ),
    "layer-postnorm-weight-g-v": TinyModel(
        "layer norm, post-norm, head size 5, vocabulary 31; positional weights named weight_g and weight_v",
        options(
            "layer", False, hidden_act="gelu_10", feat_extract_activation="leaky_relu", hidden_size=20,
            intermediate_size=33, num_conv_pos_embedding_groups=5, vocab_size=31,
        ),
        (405, 222),
        weight_norm_names=True,
    ),
    "group-stable-sharded": TinyModel(
        "group norm, pre-norm, head size 1, a positional group for each channel; the file in several shards",
        options(
            "group", True, hidden_act="quick_gelu", feat_extract_activation="tanh", hidden_size=8,
            num_attention_heads=8, num_conv_pos_embedding_groups=8,
        ),
        (300, 260),
        max_shard_size="6KB",
    ),
    "group-stable-long-kernel": TinyModel(
        "group norm, pre-norm, conv bias; the positional kernel of 128 is longer than the audio",
        options(
            "group", True, hidden_act="relu6", feat_extract_activation="sigmoid", conv_bias=True, hidden_size=32,
            num_attention_heads=2, num_conv_pos_embeddings=128, num_conv_pos_embedding_groups=16,
        ),
        (440, 180),
    ),
    "default-convs": TinyModel(
        "the default 7 convolutions; masked rows with fewer real samples than one frame needs, and with none; "
        "a run of one frame",
        options(
            "group", False, hidden_act="laplace", feat_extract_activation="gelu", hidden_size=16, conv_dim=(8,) * 7,
            conv_kernel=(10, 3, 3, 3, 3, 2, 2), conv_stride=(5, 2, 2, 2, 2, 2, 2), num_conv_pos_embeddings=128,
            num_conv_pos_embedding_groups=16,
        ),
        (4000, 2500, 300, 0),
        with_single_frame=True,
    ),
    "layer-postnorm-wide-strides": TinyModel(
        "layer norm, post-norm, conv bias; strides larger than their kernels, a kernel of 1; no masked_spec_embed",
        options(
            "layer", False, hidden_act="relu2", feat_extract_activation="linear", conv_bias=True,
            conv_dim=(9, 6, 11, 13), conv_kernel=(2, 1, 3, 1), conv_stride=(3, 2, 4, 1), mask_time_prob=0.0,
        ),
        (500, 310),
    ),
    "layer-stable-unit-strides": TinyModel(
        "layer norm, pre-norm, strides of 1, head size 2; masked rows whose length formula is far below zero",
        options(
            "layer", True, hidden_act="sqrtsoftplus", feat_extract_activation="swish", hidden_size=18,
            num_attention_heads=9, num_conv_pos_embeddings=3, num_conv_pos_embedding_groups=9, conv_dim=(5, 6, 7),
            conv_kernel=(3, 4, 2), conv_stride=(1, 1, 1),
        ),
        (26, 15, 4, 0),
    ),
    "float16": TinyModel(
        "layer norm, pre-norm, conv bias, 3 layers; the file in float16",
        options(
            "layer", True, hidden_act="gelu_pytorch_tanh", feat_extract_activation="gelu_accurate", conv_bias=True,
            num_hidden_layers=3, layer_norm_eps=1e-3,
        ),
        (410, 240),
        file_dtype=torch.float16,
    ),
    "bfloat16": TinyModel(
        "group norm, post-norm, widest model; the file in bfloat16",
        options(
            "group", False, hidden_act="gelu_python_tanh", feat_extract_activation="relu", hidden_size=40,
            num_attention_heads=5, intermediate_size=64, num_conv_pos_embedding_groups=8, num_conv_pos_embeddings=7,
        ),
        (410, 350),
        file_dtype=torch.bfloat16,
    ),
    "base-only": TinyModel(
        "group norm, pre-norm, a UniSpeechModel file: names without prefix, no head; a time-masked run",
        options("group", True, hidden_act="sigmoid", feat_extract_activation="mish", conv_bias=True),
        (420, 199),
        architecture=UniSpeechModel,
        with_time_mask=True,
    ),
    "pre-training": TinyModel(
        "layer norm, post-norm, a UniSpeechForPreTraining file with its quantizer",
        options("layer", False, hidden_act="leaky_relu", feat_extract_activation="quick_gelu"),
        (395, 222),
        architecture=UniSpeechForPreTraining,
    ),
    "pre-training-odd-sizes": TinyModel(
        "group norm, pre-norm, a quantizer of three groups of 5 codes; no width is a multiple of 4",
        options(
            "group", True, conv_dim=(8, 12, 7), num_codevector_groups=3, num_codevectors_per_group=5, codevector_dim=9,
            proj_codevector_dim=7, num_ctc_classes=5,
        ),
        (380, 230),
        architecture=UniSpeechForPreTraining,
    ),
    "classification": TinyModel(
        "group norm, post-norm, UniSpeechForSequenceClassification with the two labels of the default",
        options("group", False, conv_bias=True, classifier_proj_size=10),
        (410, 200),
        architecture=UniSpeechForSequenceClassification,
    ),
    "classification-weighted": TinyModel(
        "layer norm, pre-norm, a weighted sum of all hidden states, five named labels; logits with the classic last state, too",
        options(
            "layer", True, num_hidden_layers=3, use_weighted_layer_sum=True, classifier_proj_size=6,
            id2label={0: "one", 1: "two", 2: "three", 3: "four", 4: "five"},
        ),
        (400, 330, 120),
        architecture=UniSpeechForSequenceClassification,
    ),
}
