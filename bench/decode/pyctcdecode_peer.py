"""Decodes the clips of a file with pyctcdecode, once for each line that comes in, and prints the milliseconds and the texts of the best beams.

Usage: pyctcdecode_peer.py JOB.json. The job names the labels, the files of logits (float32), their frames, the beam width and margin, and a language model or null.
"""

import json
import sys
import time

import numpy as np
import pyctcdecode

with open(sys.argv[1], encoding="utf-8") as file:
    job = json.load(file)
decoder = pyctcdecode.build_ctcdecoder(job["labels"], kenlm_model_path=job["language_model"])
clips = [np.fromfile(clip, dtype=np.float32).reshape(-1, len(job["labels"])) for clip in job["clips"]]
print(json.dumps({"version": "pyctcdecode 0.5.0, numpy " + np.__version__}), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    best = [decoder.decode_beams(clip, beam_width=job["beam_width"], beam_prune_logp=job["beam_prune_logp"])[0] for clip in clips]
    milliseconds = 1000 * (time.perf_counter() - start)
    print(json.dumps({"milliseconds": milliseconds, "texts": [beam[0] for beam in best]}), flush=True)
