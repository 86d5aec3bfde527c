"""Two tiny classifiers, and what the pipelines of transformers give for a few clips with each."""

import json
from pathlib import Path

import numpy as np
import torch
from transformers import (
    AutoFeatureExtractor,
    AutoModel,
    FeatureExtractionPipeline,
    UniSpeechConfig,
    UniSpeechForSequenceClassification,
    Wav2Vec2FeatureExtractor,
    pipeline,
)

from reference_weights import audio, fill
from tiny_model_grid import options

SAMPLE_RATE = 16000
# Item of the seeded audio, and its samples.
CLIPS = ((0, 700), (1, 433), (2, 90))
# The frames whose features are kept, from the end if negative.
KEPT_FRAMES = (0, 1, -1)

MODELS = {
    "layer-weighted": (
        options("layer", True, use_weighted_layer_sum=True, classifier_proj_size=10, conv_bias=True),
        ["yes", "no", "up", "left", "_silence_", "日本語"],
        Wav2Vec2FeatureExtractor(return_attention_mask=True),
    ),
    "group-plain": (
        options("group", False, classifier_proj_size=6, problem_type="multi_label_classification"),
        ["happy", "sad", "angry"],
        Wav2Vec2FeatureExtractor(return_attention_mask=False),
    ),
}


class AudioFeatureExtractionPipeline(FeatureExtractionPipeline):
    """The pipeline of the reference reads text. Everything behind its first step takes any model."""

    _load_tokenizer = False
    _load_feature_extractor = True

    def preprocess(self, inputs):
        return self.feature_extractor(inputs, sampling_rate=SAMPLE_RATE, return_tensors="pt").to(self.dtype)


def clip(item: int, sample_count: int) -> np.ndarray:
    """Audio that is not normalised."""
    return (0.25 * audio(sample_count, item) + 0.125).astype(np.float32)


def save_classifier(folder: Path, config: dict, labels: list[str], extractor: Wav2Vec2FeatureExtractor) -> None:
    id2label = dict(enumerate(labels))
    label2id = {label: index for index, label in id2label.items()}
    model = UniSpeechForSequenceClassification(UniSpeechConfig(**config, id2label=id2label, label2id=label2id))
    fill(model, seed=f"{folder.name}/")
    model.save_pretrained(folder)
    extractor.save_pretrained(folder)


def rounded(values: torch.Tensor | list) -> list:
    return [float(f"{value:.8g}") for value in torch.as_tensor(values).flatten().tolist()]


def expected(folder: Path) -> dict:
    classify = pipeline("audio-classification", model=str(folder), dtype=torch.float64)
    extract = AudioFeatureExtractionPipeline(
        model=AutoModel.from_pretrained(folder, dtype=torch.float64).eval(),
        feature_extractor=AutoFeatureExtractor.from_pretrained(folder),
        dtype=torch.float64,
    )
    records = []
    for item, sample_count in CLIPS:
        samples = clip(item, sample_count)
        record: dict = {"item": item, "sampleCount": sample_count}
        for function in ("softmax", "sigmoid", "none"):
            scores = classify(samples, function_to_apply=function)
            record[function] = [
                {"label": entry["label"], "score": float(f"{entry['score']:.8g}")} for entry in scores
            ]
        features = extract(samples, return_tensors=True)[0]
        record["frameCount"] = len(features)
        record["frames"] = [rounded(features[frame]) for frame in KEPT_FRAMES]
        record["mean"] = rounded(features.mean(0))
        records.append(record)
    return {"model": folder.name, "clips": records}


@torch.no_grad()
def write_pipelines(out: Path, versions: dict[str, str]) -> None:
    results = []
    for name, (config, labels, extractor) in MODELS.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        save_classifier(folder, config, labels, extractor)
        results.append(expected(folder))
    text = json.dumps({**versions, "models": results}, ensure_ascii=False, separators=(",", ":"))
    (out / "expected.json").write_text(text + "\n")
