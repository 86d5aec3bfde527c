"""Recordings through the whole reference: decode, mix down, resample, normalise, model, greedy text."""

import csv
import json
import sys
from math import ceil, gcd
from pathlib import Path

import numpy as np
import soundfile
import torch
from transformers import UniSpeechForCTC, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor

SAMPLE_RATE = 16000
KEPT_FRAMES = 8


def resample(samples: np.ndarray, source_rate: int, target_rate: int) -> np.ndarray:
    """Band-limited resampling in float64: `torchaudio.functional.resample` with its defaults (`functional.py` there), a
    Hann-windowed sinc of 6 zero crossings a side, rolloff 0.99."""
    divisor = gcd(source_rate, target_rate)
    source, target = source_rate // divisor, target_rate // divisor
    if source == target:
        return samples
    base = min(source, target) * 0.99
    width = ceil(6 * source / base)
    taps = np.arange(2 * width + source)
    phases = np.arange(target)[:, None]
    t = np.clip(((taps - width) / source - phases / target) * base, -6, 6)
    kernel = base / source * np.cos(np.pi * t / 12) ** 2 * np.sinc(t)
    padded = np.concatenate([np.zeros(width), samples, np.zeros(width + source)])
    frame_count = len(samples) // source + 1
    frames = np.lib.stride_tricks.sliding_window_view(padded, taps.size)[::source][:frame_count]
    return (frames @ kernel.T).reshape(-1)[: ceil(target * len(samples) / source)]


class Reference:
    """The model in float32 as transformers runs it, and in float64 for numbers that do not depend on the machine."""

    def __init__(self, folder: Path):
        self.feature_extractor = Wav2Vec2FeatureExtractor.from_pretrained(folder)
        self.tokenizer = Wav2Vec2CTCTokenizer.from_pretrained(folder)
        self.model = UniSpeechForCTC.from_pretrained(folder, dtype=torch.float32).eval()
        self.float64_model = UniSpeechForCTC.from_pretrained(folder, dtype=torch.float32).double().eval()

    @torch.no_grad()
    def read(self, file: Path) -> dict:
        channels, rate = soundfile.read(file, dtype="float64", always_2d=True)
        samples = resample(channels.mean(axis=1), rate, SAMPLE_RATE).astype(np.float32)
        inputs = self.feature_extractor(samples, sampling_rate=SAMPLE_RATE, return_tensors="pt")
        ids = self.model(**inputs).logits[0].argmax(-1)
        logits = self.float64_model(inputs.input_values.double(), inputs.attention_mask).logits[0]
        assert torch.equal(ids, logits.argmax(-1)), f"{file.name}: float32 and float64 disagree on an id"
        first, second = logits.topk(2).values.T
        return {
            "file": file.name,
            "sampleRate": rate,
            "channelCount": channels.shape[1],
            "sampleCount": channels.shape[0],
            "text": self.tokenizer.decode(ids),
            "ids": ids.tolist(),
            "smallestMargin": (first - second).min().item(),
            "maxAbsLogit": logits.abs().max().item(),
            "logits": logits,
        }


def evenly_spaced(count: int) -> list[int]:
    return sorted({round(n * (count - 1) / (KEPT_FRAMES - 1)) for n in range(KEPT_FRAMES)})


def six_digits(value: float) -> float:
    return float(f"{value:.6g}")


def write_lines(file: Path, records: list[dict]) -> None:
    """A JSON array with one record a line."""
    lines = ",\n".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in records)
    file.write_text(f"[\n{lines}\n]\n")


def write_demo(clips: Path, reference: Reference, file: Path) -> None:
    """Text and frame ids of each clip in the folder's MANIFEST.tsv, which must name the same text."""
    records = []
    with open(clips / "MANIFEST.tsv", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t"):
            record = reference.read(clips / row["file"])
            assert record["text"] == row["text"], f"{row['file']}: {record['text']!r}, not {row['text']!r}"
            del record["logits"]
            records.append(record | {name: six_digits(record[name]) for name in ("smallestMargin", "maxAbsLogit")})
    write_lines(file, records)


def write_speech(clips: Path, reference: Reference, file: Path) -> None:
    """Frame ids of each recording that libsndfile reads, and the logits of a few frames (`frames` says which)."""
    records = []
    for clip in sorted(clips.iterdir()):
        if clip.suffix not in {".wav", ".flac", ".ogg", ".mp3"}:
            continue
        try:
            soundfile.info(clip)
        except soundfile.LibsndfileError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        record = reference.read(clip)
        logits = record.pop("logits")
        frames = evenly_spaced(len(logits))
        record |= {name: six_digits(record[name]) for name in ("smallestMargin", "maxAbsLogit")}
        record |= {"frames": frames, "logits": [[six_digits(x) for x in row] for row in logits[frames].tolist()]}
        records.append(record)
    write_lines(file, records)
