"""Times how long transformers' model takes to get its weights from pytorch_model.bin: torch.load and load_state_dict.

Usage: torch_load.py FOLDER ROUNDS. Prints a JSON object: the versions, and milliseconds of each round after one that is not timed.
"""

import json
import sys
import time

import torch
import transformers

folder, rounds = sys.argv[1], int(sys.argv[2])
config = transformers.AutoConfig.from_pretrained(folder)
model = getattr(transformers, config.architectures[0])(config)


def load() -> float:
    start = time.perf_counter()
    missing, unexpected = model.load_state_dict(torch.load(f"{folder}/pytorch_model.bin", weights_only=True), strict=False)
    milliseconds = 1000 * (time.perf_counter() - start)
    # The old names of weight norm are the only ones that may differ.
    assert all("pos_conv_embed" in name for name in [*missing, *unexpected]), (missing, unexpected)
    return milliseconds


load()
versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
print(json.dumps({"versions": versions, "milliseconds": [load() for _ in range(rounds)]}))
