"""Recognises a WAV file with the chunked pipeline of transformers in float32, and prints the milliseconds, the text and the versions.

Usage: transformers_peer.py MODEL FILE.wav CHUNK_SECONDS. The file has one channel of 16 bits at the model's rate.
"""

import json
import sys
import time

import numpy as np
import torch
import transformers

model, file, chunk_seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
recognize = transformers.pipeline("automatic-speech-recognition", model=model, dtype=torch.float32, device="cpu")
samples = np.fromfile(file, dtype="<i2", offset=44).astype(np.float32) / 32768
start = time.perf_counter()
text = recognize(samples, chunk_length_s=chunk_seconds, batch_size=1)["text"]
milliseconds = 1000 * (time.perf_counter() - start)
versions = f"transformers {transformers.__version__}, torch {torch.__version__}"
print(json.dumps({"milliseconds": milliseconds, "text": text, "versions": versions}))
