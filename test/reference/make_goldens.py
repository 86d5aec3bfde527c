"""Write the expected numbers that the tests compare with, by running UniSpeech of Hugging Face transformers.

Makes, in the folder given with --out (default: `goldens/` beside this file; its README lists the tensors):

    tiny/                      17 tiny random checkpoints over the option grid, each with its outputs
    activations.safetensors    every activation function on [-40, 40]
    base-size.safetensors      logits and some states of the default configuration on seeded weights, 1 s and 5 s
    pipelines/                 2 tiny classifiers with what the pipelines of classification and feature extraction give
    losses.safetensors         every loss and reduction on small inputs
    pytorch/                   tensors in every form of pytorch_model.bin, and two of the tiny models so
    demo.json                  text and frame ids of the demo clips, by the bundled model
    speech.json                frame ids and some logits of real recordings, by the bundled model

Run:
    python3 -m venv VENV && VENV/bin/pip install -r requirements.txt
    VENV/bin/python make_goldens.py --model MODEL_FOLDER --demo CLIP_FOLDER --speech CLIP_FOLDER

A part whose folder is not named is left as it is; --only picks parts. Two runs write the same bytes (except for old PyTorch files, which hold addresses in memory): weights and inputs
are hashes (reference_weights.py), the arithmetic is float64 on float32 values, in evaluation mode, rounded at the end.

Sources: transformers/models/unispeech/modeling_unispeech.py, transformers/activations.py,
transformers/models/wav2vec2/feature_extraction_wav2vec2.py and tokenization_wav2vec2.py, at the versions that
requirements.txt pins; torchaudio/functional/functional.py for the resampling formula.
"""

import argparse
from pathlib import Path

import torch
import transformers

from activations import write_activations
from base_size import write_base_size
from losses import write_losses
from pytorch_files import write_pytorch_files
from pipelines import write_pipelines
from real_audio import Reference, write_demo, write_speech
from tiny_models import write_tiny_models

PARTS = ("tiny", "activations", "base-size", "losses", "pipelines", "pytorch", "demo", "speech")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="folder of the bundled UniSpeechForCTC checkpoint")
    parser.add_argument("--demo", type=Path, help="folder of the demo clips with their MANIFEST.tsv")
    parser.add_argument("--speech", type=Path, help="folder of recordings")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="parts to write")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "goldens")
    arguments = parser.parse_args()
    if (arguments.demo or arguments.speech) and not arguments.model:
        parser.error("--demo and --speech need --model")

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.use_deterministic_algorithms(True)
    versions = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    wanted = set(arguments.only)
    if "tiny" in wanted:
        write_tiny_models(out / "tiny", versions)
    if "activations" in wanted:
        write_activations(out / "activations.safetensors", versions)
    if "base-size" in wanted:
        write_base_size(out / "base-size.safetensors", versions)
    if "pipelines" in wanted:
        write_pipelines(out / "pipelines", versions)
    if "losses" in wanted:
        write_losses(out / "losses.safetensors", out / "tiny", versions)
    if "pytorch" in wanted:
        write_pytorch_files(out / "pytorch", out / "tiny")
    if arguments.model:
        reference = Reference(arguments.model)
        if arguments.demo and "demo" in wanted:
            write_demo(arguments.demo, reference, out / "demo.json")
        if arguments.speech and "speech" in wanted:
            write_speech(arguments.speech, reference, out / "speech.json")


if __name__ == "__main__":
    main()
